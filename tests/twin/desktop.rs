//! An X server without a screen, the program in it, and hands to work it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::picture::Picture;

/// Patience with a loaded machine without graphics card.
const PATIENCE: Duration = Duration::from_secs(120);
/// Where nothing answers to the pointer.
pub const PARKED: [i64; 2] = [640, 4];
const PACKAGES: &str = "install the packages xvfb, xdotool, imagemagick and mesa-vulkan-drivers (Debian, Ubuntu)";

/// Where pictures and traces go.
pub fn output_folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("twin");
    std::fs::create_dir_all(&folder).expect("a folder for pictures");
    folder
}

/// The built program.
pub fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_hypocaust"))
}

/// Runs a helper program to its end.
pub fn helper(display: &str, program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .env("DISPLAY", display)
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}; {PACKAGES}"));
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The program in a window of an X server of its own.
pub struct Window {
    server: Child,
    program: Child,
    display: String,
    trace: PathBuf,
    pub size: [usize; 2],
}

impl Window {
    /// Opens the demo city without its simulated field: nothing moves but what the test moves.
    pub fn open(name: &str, size: [usize; 2], arguments: &[&str]) -> Window {
        Window::open_live(name, size, &[arguments, &["--offline"]].concat())
    }

    /// Opens the program as its arguments say; without a file the demo city is live.
    pub fn open_live(name: &str, size: [usize; 2], arguments: &[&str]) -> Window {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-nolisten", "tcp", "-screen", "0", &format!("{}x{}x24", size[0], size[1])])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("Xvfb: {error}; {PACKAGES}"));
        let mut number = String::new();
        let stdout = server.stdout.take().expect("stdout is piped");
        BufReader::new(stdout).read_line(&mut number).expect("Xvfb names its display");
        let display = format!(":{}", number.trim());
        let trace = output_folder().join(format!("{name}.jsonl"));
        let _ = std::fs::remove_file(&trace);
        let program = program()
            .args(arguments)
            .env("DISPLAY", &display)
            .env("HYPOCAUST_TRACE", &trace)
            // Pictures must not depend on what the user of this machine prefers.
            .env("XDG_CONFIG_HOME", output_folder().join(format!("{name}.config")))
            // What it writes without being told where.
            .current_dir(output_folder())
            .stdin(Stdio::null())
            .spawn()
            .expect("the program starts");
        Window { server, program, display, trace, size }
    }

    /// The newest quiet state for which `wanted` holds.
    pub fn wait(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        self.wait_within(PATIENCE, what, wanted)
    }

    /// The same for what takes longer.
    pub fn wait_within(&mut self, patience: Duration, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let started = Instant::now();
        loop {
            let text = std::fs::read_to_string(&self.trace).unwrap_or_default();
            // The last line may be half written.
            let complete = text.rfind('\n').map_or("", |end| &text[..end]);
            let last = complete.lines().next_back().and_then(|line| serde_json::from_str::<Value>(line).ok());
            if let Some(state) = &last
                && wanted(state)
            {
                return state.clone();
            }
            if let Ok(Some(status)) = self.program.try_wait() {
                panic!("the program ended ({status}) before {what}");
            }
            assert!(started.elapsed() < patience, "waited too long for {what}; last state: {last:#?}");
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    pub fn hands(&self, arguments: &[&str]) {
        helper(&self.display, "xdotool", arguments);
    }

    pub fn move_to(&self, [x, y]: [i64; 2]) {
        self.hands(&["mousemove", &x.to_string(), &y.to_string()]);
    }

    /// Gives the window the keyboard: an X server without window manager gives it to nobody.
    pub fn focus(&self) {
        self.hands(&["search", "--sync", "--name", "Hypocaust", "windowfocus", "--sync"]);
    }

    /// Presses a button, or enters a field, by its name; the uppermost where there are several.
    pub fn click(&mut self, name: &str) {
        let state = self.wait(name, |state| widget(state, name).is_some());
        let at = widget(&state, name).expect("just found");
        self.move_to(at);
        self.wait("the cursor to arrive", |state| state["pointer"] == serde_json::json!(at));
        self.hands(&["click", "1"]);
    }

    /// Takes the hand to where nothing answers to it.
    pub fn park(&mut self) {
        self.move_to(PARKED);
        self.wait("the hand to leave", |state| state["hover"].is_null());
    }

    /// Presses a key together with the control key. Held over several frames, as a hand would: one released within a frame
    /// is not seen.
    pub fn control_key(&self, key: &str) {
        self.hands(&["keydown", "ctrl"]);
        pause();
        self.hands(&["key", key]);
        pause();
        self.hands(&["keyup", "ctrl"]);
        pause();
    }

    /// Selects an element by its name, by keyboard alone.
    pub fn select(&mut self, kind: &str, name: &str) -> Value {
        self.control_key("p");
        self.hands(&["type", "--delay", "100", name]);
        pause();
        self.hands(&["key", "Return"]);
        self.wait("the element to be selected", |state| state["selection"] == format!("{kind} {name}"))
    }

    /// Makes the window fill the screen, as a window manager would.
    pub fn fill_screen(&mut self) {
        let [width, height] = self.size.map(|side| side.to_string());
        self.hands(&["search", "--sync", "--name", "Hypocaust", "windowsize", &width, &height]);
        let least = self.size[0] as i64 / 2;
        self.wait("the window to fill the screen", |state| state["map"][2].as_i64().is_some_and(|width| width > least));
    }

    /// What is on the screen at this moment, kept as a file: beside a field that is followed it never comes to rest.
    pub fn moment(&self, name: &str) {
        pause();
        let path = output_folder().join(format!("{name}.png"));
        helper(&self.display, "import", &["-window", "root", path.to_str().expect("a plain path")]);
    }

    /// What is on the screen, kept as a file. The trace speaks of a frame that the server may not show yet: two equal
    /// pictures in a row are the settled one.
    pub fn picture(&self, name: &str) -> Picture {
        let path = output_folder().join(format!("{name}.png"));
        let take = || {
            helper(&self.display, "import", &["-window", "root", path.to_str().expect("a plain path")]);
            Picture::read(&path)
        };
        let mut before = take();
        for _ in 0..100 {
            std::thread::sleep(Duration::from_millis(150));
            let now = take();
            if now == before {
                return now;
            }
            before = now;
        }
        panic!("the window does not come to rest");
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        for child in [&mut self.program, &mut self.server] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// While a field takes letters the window is never quiet: there is no state to wait for between keys.
pub fn pause() {
    std::thread::sleep(Duration::from_secs(1));
}

/// Middle of the uppermost widget with this name.
pub fn widget(state: &Value, name: &str) -> Option<[i64; 2]> {
    let named = state["widgets"].as_array()?.iter().filter(|widget| widget["name"] == name);
    let [x, y, width, height] = named.map(|widget| rectangle(&widget["rect"])).min_by_key(|rect| rect[1])?;
    Some([x + width / 2, y + height / 2])
}

/// A rectangle of a trace: x, y, width, height.
pub fn rectangle(value: &Value) -> [i64; 4] {
    let side = |i: usize| value[i].as_i64().unwrap_or_else(|| panic!("no rectangle: {value}"));
    [side(0), side(1), side(2), side(3)]
}

/// Reads a PNG into raw bytes by ImageMagick.
pub fn decode(path: &Path) -> (usize, usize, Vec<u8>) {
    let output = Command::new("convert")
        .args([path.to_str().expect("a plain path"), "-depth", "8", "-alpha", "off", "ppm:-"])
        .output()
        .unwrap_or_else(|error| panic!("convert: {error}; {PACKAGES}"));
    assert!(output.status.success(), "convert {}: {}", path.display(), String::from_utf8_lossy(&output.stderr));
    // P6\nWIDTH HEIGHT\n255\n and then the bytes.
    let mut at = 0;
    let mut line = || {
        let end = at + output.stdout[at..].iter().position(|byte| *byte == b'\n').expect("a PPM head");
        let text = String::from_utf8_lossy(&output.stdout[at..end]).into_owned();
        at = end + 1;
        text
    };
    assert_eq!(line(), "P6");
    let size: Vec<usize> = line().split(' ').map(|number| number.parse().expect("a number")).collect();
    assert_eq!(line(), "255");
    (size[0], size[1], output.stdout[at..].to_vec())
}
