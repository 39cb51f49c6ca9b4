//! Choosing a file: a path to type, what was open lately, and the folder around it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Id, Key, ScrollArea, TextEdit, Ui};

use super::dialogs::title;
use super::look::Look;
use super::widgets::{list_row, weak};
use crate::io::export::ExportFormat;
use crate::session::{Command, Panel};

/// Width of the dialogues.
const WIDTH: f32 = 600.0;

/// A folder as last read: its path, then (name, is a folder), folders first.
type Listing = (PathBuf, Arc<Vec<(String, bool)>>);

pub fn open(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    ui.set_width(WIDTH);
    title(ui, look, "open-title", Panel::Open, commands);
    weak(ui, look.t("open-formats"));
    let id = Id::new("open-path");
    let (mut path, enter) = path_field(ui, look, id, PathBuf::new());
    let recent = look.session.recent();
    if !recent.is_empty() {
        ui.label(look.t("open-recent"));
        for file in recent.iter().take(5) {
            if list_row(ui, &file.display().to_string(), "", false).clicked() {
                commands.push(Command::Open(file.clone()));
            }
        }
        ui.separator();
    }
    if let Some(chosen) = folder(ui, look, &mut path) {
        commands.push(Command::Open(chosen));
    }
    ui.horizontal(|ui| {
        let ready = path.exists();
        let open = Command::Open(path.clone());
        if ui.add_enabled(ready, egui::Button::new(open.text(look.language))).clicked() || (enter && ready) {
            commands.push(open);
        }
        let demo = Command::NewDemo;
        if ui.button(demo.text(look.language)).on_hover_text(demo.tip(look.language)).clicked() {
            commands.push(demo);
        }
    });
    ui.data_mut(|data| data.insert_temp(id, path.display().to_string()));
}

pub fn save(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    ui.set_width(WIDTH);
    title(ui, look, "save-title", Panel::SaveAs, commands);
    let id = Id::new("save-path");
    let known = look.session.document().path.clone().unwrap_or_else(|| PathBuf::from("network.json"));
    let (mut path, enter) = path_field(ui, look, id, known);
    if let Some(chosen) = folder(ui, look, &mut path) {
        path = chosen;
    }
    let named = !path.as_os_str().is_empty() && !path.is_dir();
    if named && path.exists() {
        weak(ui, look.t("save-replaces"));
    }
    let command = Command::SaveAs(path.clone());
    if ui.add_enabled(named, egui::Button::new(command.text(look.language))).clicked() || (enter && named) {
        commands.push(command);
    }
    ui.data_mut(|data| data.insert_temp(id, path.display().to_string()));
}

pub fn export(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    ui.set_width(WIDTH);
    title(ui, look, "export-title", Panel::Export, commands);
    let id = Id::new("export-path");
    let known = look.session.document().path.clone().unwrap_or_else(|| PathBuf::from("network"));
    let (mut path, enter) = path_field(ui, look, id, known.with_extension("").with_extension("geojson"));
    let chosen = ExportFormat::of(&path);
    ui.horizontal(|ui| {
        for format in ExportFormat::ALL {
            let label = look.t(match format {
                ExportFormat::GeoJson => "export-geojson",
                ExportFormat::Tables => "export-tables",
                ExportFormat::Inp => "export-inp",
            });
            if ui.radio(chosen == Some(format), label).clicked() {
                path = path.with_extension(format.ending().trim_start_matches('.'));
            }
        }
    });
    if !look.session.solution_is_current() {
        weak(ui, look.t("export-no-results"));
    }
    if let Some(chosen) = folder(ui, look, &mut path) {
        path = chosen;
    }
    let format = ExportFormat::of(&path);
    let named = !path.as_os_str().is_empty() && format.is_some_and(|f| f == ExportFormat::Tables || !path.is_dir());
    if named && path.exists() {
        weak(ui, look.t("save-replaces"));
    }
    let command = Command::Export(path.clone());
    if ui.add_enabled(named, egui::Button::new(command.text(look.language))).clicked() || (enter && named) {
        commands.push(command);
    }
    ui.data_mut(|data| data.insert_temp(id, path.display().to_string()));
}

/// The path being typed, and whether Enter ended it.
fn path_field(ui: &mut Ui, look: &Look, id: Id, otherwise: PathBuf) -> (PathBuf, bool) {
    let mut text = ui.data(|data| data.get_temp::<String>(id)).unwrap_or_else(|| otherwise.display().to_string());
    let label = ui.label(look.t("file-path"));
    let field = TextEdit::singleline(&mut text).desired_width(f32::INFINITY);
    let response = ui.add(field).labelled_by(label.id);
    let enter = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    (PathBuf::from(text), enter)
}

/// The folder `path` lies in (or is). A click on a folder goes there, on a file takes it; a double click returns it.
fn folder(ui: &mut Ui, look: &Look, path: &mut PathBuf) -> Option<PathBuf> {
    let here = match path.parent() {
        _ if path.is_dir() => path.clone(),
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    };
    let entries = listing(ui, &here);
    weak(ui, here.display().to_string());
    let mut chosen = None;
    ScrollArea::vertical().max_height(260.0).auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        let up = here.canonicalize().ok().and_then(|full| full.parent().map(Path::to_path_buf));
        if let Some(up) = up
            && list_row(ui, &look.t("file-up"), "", false).clicked()
        {
            *path = up;
        }
        for (name, is_folder) in entries.iter() {
            let full = here.join(name);
            let side = if *is_folder { look.t("file-folder") } else { String::new() };
            let row = list_row(ui, name, &side, *path == full);
            if row.clicked() {
                *path = full.clone();
            }
            if row.double_clicked() && !is_folder {
                chosen = Some(full);
            }
        }
    });
    chosen
}

/// What a folder holds, read again only when another folder is shown.
fn listing(ui: &Ui, folder: &Path) -> Arc<Vec<(String, bool)>> {
    let id = Id::new("file-listing");
    if let Some((path, entries)) = ui.data(|data| data.get_temp::<Listing>(id))
        && path == folder
    {
        return entries;
    }
    let mut entries: Vec<(String, bool)> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path().is_dir()))
        .filter(|(name, _)| !name.starts_with('.'))
        .collect();
    entries.sort_by(|a, b| (!a.1, &a.0).cmp(&(!b.1, &b.0)));
    let entries = Arc::new(entries);
    ui.data_mut(|data| data.insert_temp::<Listing>(id, (folder.to_path_buf(), entries.clone())));
    entries
}
