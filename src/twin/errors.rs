//! What can keep the picture from appearing, said in a sentence with the way out, before anything is opened.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use bevy::render::renderer::initialize_renderer;
use bevy::render::settings::{Backends, RenderResources, WgpuSettings};
use bevy::tasks::block_on;

use crate::session::Message;
use crate::text::Language;

/// Why there is no picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TwinError {
    /// Neither X11 nor Wayland.
    NoDisplay,
    /// A display is named but does not answer.
    DisplayUnreachable { display: String },
    /// Not even a software adapter.
    NoAdapter,
    /// The element a view was asked for does not exist.
    UnknownView { view: String },
    /// A picture smaller or larger than can be drawn.
    BadSize { width: u32, height: u32, limit: u32 },
    /// The picture could not be written.
    NotWritten { path: PathBuf, reason: String },
    /// The picture did not come back from the adapter.
    NothingDrawn,
    /// The window or the renderer broke down.
    Broken { reason: String },
}

impl TwinError {
    /// Whether the user can mend it (exit code 1) or it is our fault (2).
    pub const fn is_input(&self) -> bool {
        !matches!(self, TwinError::NothingDrawn | TwinError::Broken { .. })
    }

    /// The sentence with its remedy.
    pub fn text(&self, language: Language) -> String {
        let message = match self {
            TwinError::NoDisplay => Message::new("twin-no-display"),
            TwinError::DisplayUnreachable { display } => {
                Message::new("twin-display-unreachable").with("display", display.clone())
            }
            TwinError::NoAdapter => Message::new("twin-no-adapter"),
            TwinError::UnknownView { view } => Message::new("twin-unknown-view").with("view", view.clone()),
            TwinError::BadSize { width, height, limit } => Message::new("twin-bad-size")
                .with("width", width.to_string())
                .with("height", height.to_string())
                .with("limit", limit.to_string()),
            TwinError::NotWritten { path, reason } => {
                Message::new("twin-not-written").with("path", path.display().to_string()).with("reason", reason.clone())
            }
            TwinError::NothingDrawn => Message::new("twin-nothing-drawn"),
            TwinError::Broken { reason } => Message::new("twin-broken").with("reason", reason.clone()),
        };
        message.text(language)
    }
}

impl std::fmt::Display for TwinError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text(Language::English))
    }
}

impl std::error::Error for TwinError {}

/// Whether a window can be opened.
pub fn check_display() -> Result<(), TwinError> {
    if cfg!(not(all(unix, not(target_os = "macos")))) {
        return Ok(());
    }
    let named = |key: &str| std::env::var(key).ok().filter(|value| !value.is_empty());
    // The window is built for X11; a Wayland desktop brings XWayland, which sets DISPLAY too.
    let Some(display) = named("DISPLAY") else { return Err(TwinError::NoDisplay) };
    #[cfg(unix)]
    if let Some(number) = display.strip_prefix(':').map(|rest| rest.split('.').next().unwrap_or(rest)) {
        let path = format!("/tmp/.X11-unix/X{number}");
        if std::os::unix::net::UnixStream::connect(&path).is_err() && !abstract_socket_answers(&path) {
            return Err(TwinError::DisplayUnreachable { display });
        }
    }
    Ok(())
}

/// Containers and some servers listen on Linux's abstract socket only.
#[cfg(target_os = "linux")]
fn abstract_socket_answers(path: &str) -> bool {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixStream};
    SocketAddr::from_abstract_name(path.as_bytes()).is_ok_and(|address| UnixStream::connect_addr(&address).is_ok())
}

#[cfg(all(unix, not(target_os = "linux")))]
fn abstract_socket_answers(_path: &str) -> bool {
    false
}

/// What the renderer is asked for.
pub fn render_settings() -> WgpuSettings {
    WgpuSettings { backends: Some(Backends::from_env().unwrap_or(Backends::PRIMARY)), ..WgpuSettings::default() }
}

/// Opens an adapter without a window.
///
/// Bevy panics where there is none; here the panic is caught and said as a sentence. That is safe because nothing has
/// been built yet that a half-done start could leave behind.
pub fn open_adapter() -> Result<RenderResources, TwinError> {
    let settings = render_settings();
    let backends = settings.backends.unwrap_or(Backends::PRIMARY);
    quietly(|| block_on(initialize_renderer(backends, None, &settings))).map_err(|_| TwinError::NoAdapter)
}

/// Runs something that may panic, without the panic's talk on stderr; the panic's message as the error.
pub fn quietly<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = catch_unwind(AssertUnwindSafe(work));
    std::panic::set_hook(before);
    result.map_err(|payload| {
        payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_default()
    })
}
