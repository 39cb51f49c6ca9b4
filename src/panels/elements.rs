//! Search, and lists of all elements by kind.

use std::sync::Arc;

use egui::{ComboBox, Id, Key, ScrollArea, TextEdit, Ui};

use super::look::Look;
use super::widgets::{list_row, weak};
use crate::network::{ElementKind, ElementRef, LinkKind, Network};
use crate::session::{Command, search};
use crate::units::Quantity;

/// Search hits shown at most: more would not be read.
const HITS: usize = 200;

pub fn draw(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    let mut words = look.session.search_words().to_owned();
    let field = TextEdit::singleline(&mut words).hint_text(look.t("search-hint")).desired_width(f32::INFINITY);
    let response = ui.add(field);
    if response.changed() {
        commands.push(Command::Search(words.clone()));
    }
    ui.add_space(2.0);
    if words.trim().is_empty() {
        by_kind(ui, look, commands);
        return;
    }
    let hits = search(look.session.network(), &words, HITS);
    if response.lost_focus()
        && ui.input(|input| input.key_pressed(Key::Enter))
        && let Some(hit) = hits.first()
    {
        commands.push(Command::Select(hit.element.clone()));
        commands.push(Command::FlyTo(hit.element.clone()));
    }
    if hits.is_empty() {
        weak(ui, look.t("search-nothing"));
    }
    rows(
        ui,
        look,
        "hits",
        hits.len(),
        |at| hits.get(at).map(|hit| (hit.element.clone(), Some(look.element(&hit.element)))),
        commands,
    );
}

fn by_kind(ui: &mut Ui, look: &Look, commands: &mut Vec<Command>) {
    let network = look.session.network();
    let id = Id::new("element-kind");
    let mut kind = ui.data(|data| data.get_temp::<ElementKind>(id)).unwrap_or(ElementKind::Consumer);
    let text = |kind: ElementKind| format!("{} ({})", look.t(&format!("kinds-{}", kind.word())), count(network, kind));
    ComboBox::from_id_salt("element-kind-box").selected_text(text(kind)).width(ui.available_width()).show_ui(
        ui,
        |ui| {
            for each in ElementKind::ALL {
                ui.selectable_value(&mut kind, each, text(each));
            }
        },
    );
    ui.data_mut(|data| data.insert_temp(id, kind));
    if kind == ElementKind::Network {
        if list_row(ui, &look.t("network-settings"), "", false).clicked() {
            commands.push(Command::Select(ElementRef::network()));
        }
        return;
    }
    let list = listed(ui, look, kind);
    if list.is_empty() {
        weak(ui, look.t("list-empty"));
    }
    rows(ui, look, kind.word(), list.len(), |at| list.get(at).cloned().map(|e| (e, None)), commands);
}

/// The elements of a kind, kept until the network changes: a city has a hundred thousand pipes.
fn listed(ui: &Ui, look: &Look, kind: ElementKind) -> Arc<Vec<ElementRef>> {
    type Kept = (u64, ElementKind, Arc<Vec<ElementRef>>);
    let id = Id::new("element-list");
    if let Some((revision, of, list)) = ui.data(|data| data.get_temp::<Kept>(id))
        && revision == look.session.revision()
        && of == kind
    {
        return list;
    }
    let network = look.session.network();
    let mut list: Vec<ElementRef> = match kind {
        ElementKind::Node => network.nodes().map(|(_, id, _)| ElementRef::new(kind, id.clone())).collect(),
        ElementKind::Chamber => network.chambers().keys().map(|id| ElementRef::new(kind, id.clone())).collect(),
        ElementKind::Building => network.buildings().keys().map(|id| ElementRef::new(kind, id.clone())).collect(),
        ElementKind::Sensor => network.sensors().keys().map(|id| ElementRef::new(kind, id.clone())).collect(),
        ElementKind::Network => Vec::new(),
        _ => network.links().map(|view| view.element()).filter(|element| element.kind == kind).collect(),
    };
    list.sort_by_cached_key(|element| natural(&element.id));
    let list = Arc::new(list);
    ui.data_mut(|data| data.insert_temp::<Kept>(id, (look.session.revision(), kind, list.clone())));
    list
}

fn count(network: &Network, kind: ElementKind) -> usize {
    match kind {
        ElementKind::Network => 1,
        ElementKind::Node => network.node_count(),
        ElementKind::Chamber => network.chambers().len(),
        ElementKind::Building => network.buildings().len(),
        ElementKind::Sensor => network.sensors().len(),
        _ => network.links().filter(|view| view.link.kind.element_kind() == kind).count(),
    }
}

fn rows(
    ui: &mut Ui,
    look: &Look,
    salt: &str,
    count: usize,
    row: impl Fn(usize) -> Option<(ElementRef, Option<String>)>,
    commands: &mut Vec<Command>,
) {
    ui.spacing_mut().item_spacing.y = 1.0;
    let height = ui.spacing().interact_size.y;
    ScrollArea::vertical().id_salt(salt).auto_shrink(false).show_rows(ui, height, count, |ui, range| {
        for at in range {
            let Some((element, text)) = row(at) else { continue };
            let name = name(look.session.network(), &element);
            let text = match text {
                Some(text) if !name.is_empty() => format!("{text}  {name}"),
                Some(text) => text,
                None if !name.is_empty() => format!("{}  {name}", element.id),
                None => element.id.to_string(),
            };
            let selected = look.session.selection() == Some(&element);
            let response = list_row(ui, &text, &value(look, &element), selected);
            if response.clicked() {
                commands.push(Command::Select(element.clone()));
            }
            if response.double_clicked() {
                commands.push(Command::FlyTo(element));
            }
        }
    });
}

fn name(network: &Network, element: &ElementRef) -> String {
    match element.kind {
        ElementKind::Node => network.node_id(&element.id).and_then(|n| network.node(n)).map(|n| n.name.clone()),
        ElementKind::Chamber => network.chambers().get(&element.id).map(|c| c.name.clone()),
        ElementKind::Building => network.buildings().get(&element.id).map(|b| b.name.clone()),
        ElementKind::Sensor => network.sensors().get(&element.id).map(|s| s.name.clone()),
        _ => network.find_link(element).and_then(|l| network.link(l)).map(|l| l.name().to_owned()),
    }
    .unwrap_or_default()
}

/// The one figure worth a column: what people compare elements of this kind by.
fn value(look: &Look, element: &ElementRef) -> String {
    let network = look.session.network();
    let solution = look.session.solution();
    if element.kind == ElementKind::Node {
        return network
            .node_id(&element.id)
            .and_then(|node| solution?.node(node))
            .map_or_else(String::new, |state| look.number(Quantity::Pressure, state.pressure_pa));
    }
    let Some(link) = network.find_link(element) else { return String::new() };
    match network.link(link).map(|l| &l.kind) {
        Some(LinkKind::Pipe(pipe)) => match pipe.details.dn {
            Some(dn) => format!("DN{dn}"),
            None => look.number(Quantity::Diameter, pipe.inner_diameter_m),
        },
        Some(LinkKind::Valve(valve)) => look.number(Quantity::Share, valve.opening),
        Some(LinkKind::Pump(pump)) => look.number(Quantity::Share, pump.speed),
        Some(LinkKind::Source(_)) => solution
            .and_then(|s| s.source(link))
            .map_or_else(String::new, |state| look.number(Quantity::Heat, state.heat_w)),
        Some(LinkKind::Consumer(_)) => solution
            .and_then(|s| s.consumer(link))
            .map_or_else(String::new, |s| look.number(Quantity::PressureDifference, s.available_pressure_pa)),
        None => String::new(),
    }
}

/// Sort key that puts P9 before P10: runs of digits compare by value.
fn natural(id: &str) -> Vec<(String, u64)> {
    let mut parts = vec![(String::new(), 0u64)];
    let mut in_digits = false;
    for c in id.chars() {
        if let Some(digit) = c.to_digit(10) {
            in_digits = true;
            if let Some((_, number)) = parts.last_mut() {
                *number = number.saturating_mul(10).saturating_add(u64::from(digit));
            }
        } else {
            if std::mem::take(&mut in_digits) {
                parts.push((String::new(), 0));
            }
            if let Some((text, _)) = parts.last_mut() {
                text.push(c);
            }
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::natural;

    #[test]
    fn ids_sort_as_people_count() {
        let mut ids = ["P10", "P9", "A2-10", "A2-9", "P9a", "P"];
        ids.sort_by_key(|id| natural(id));
        assert_eq!(ids, ["A2-9", "A2-10", "P", "P9", "P9a", "P10"]);
    }
}
