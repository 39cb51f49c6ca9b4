//! Columns of a feature as the data of an element. What is missing takes a default and is reported as guessed.

use super::fields::{Field, Fields, Size, says, size};
use super::kinds;
use super::report::Report;
use crate::network::{
    Consumer, Demand, Insulation, Laying, Name, Pipe, PipeDetails, PipeState, Priority, Pump, PumpPoint, Source,
    SourceControl, Valve, ValveKind, catalogue,
};

/// Heat demand per floor area where only the area is known: insulated homes (CJJ 34, table of heating indices: 40–45).
const HEAT_PER_AREA_W_M2: f64 = 45.0;
/// Conductivity of new polyurethane foam (EN 253: at most 0.029).
const FOAM_W_MK: f64 = 0.03;
/// Steel wall where only the inner diameter is known, share of it.
const WALL_SHARE: f64 = 0.02;
/// Pipe taken where nothing in the whole map says a diameter.
pub(super) const DEFAULT_DN: u16 = 100;

/// Diameters of a pipe, m.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bore {
    pub(super) dn: Option<u16>,
    pub(super) inner_m: f64,
    pub(super) outer_m: f64,
}

impl Bore {
    /// From the catalogue, or a pipe of that inner diameter where it has none.
    pub(super) fn nominal(dn: u16) -> Bore {
        match catalogue::by_dn(dn) {
            Some(pipe) => Bore { dn: Some(dn), inner_m: pipe.inner_diameter_m(), outer_m: pipe.outer_diameter_m },
            None => {
                let inner_m = f64::from(dn) * 1e-3;
                Bore { dn: Some(dn), inner_m, outer_m: inner_m * (1.0 + 2.0 * WALL_SHARE) }
            }
        }
    }
}

/// Diameters a feature gives; `None` where it gives none that can be used.
pub(super) fn bore(fields: &Fields) -> Option<Bore> {
    let millimetres =
        |field| fields.number(field).map(|(value, unit)| if unit == "m" || value < 5.0 { value } else { value * 1e-3 });
    let text = fields.text(Field::Diameter);
    let sized = text.as_deref().and_then(size);
    let inner = millimetres(Field::InnerDiameter).filter(|inner| *inner > 0.0);
    let outer = millimetres(Field::OuterDiameter).filter(|outer| *outer > 0.0);
    let wall = fields.number(Field::Wall).map(|(value, _)| value * 1e-3).filter(|wall| *wall > 0.0);
    let from_size = sized.map(|size| match size {
        Size::Nominal(dn) => Bore::nominal(dn),
        Size::Steel { outer_m, wall_m } => Bore { dn: None, inner_m: outer_m - 2.0 * wall_m, outer_m },
        Size::Inner(inner_m) => Bore { dn: None, inner_m, outer_m: inner_m * (1.0 + 2.0 * WALL_SHARE) },
    });
    let dn = from_size.and_then(|bore| bore.dn);
    let found = match (inner, outer, wall) {
        (Some(inner_m), Some(outer_m), _) if outer_m > inner_m => Some(Bore { dn, inner_m, outer_m }),
        (Some(inner_m), ..) => Some(Bore { dn, inner_m, outer_m: inner_m * (1.0 + 2.0 * WALL_SHARE) }),
        (None, Some(outer_m), Some(wall_m)) if 2.0 * wall_m < outer_m => {
            Some(Bore { dn, inner_m: outer_m - 2.0 * wall_m, outer_m })
        }
        _ => from_size,
    };
    found.filter(|bore| bore.inner_m > 0.0 && bore.inner_m < 5.0)
}

/// A pipe; length, bends and pair are the caller's.
pub(super) fn pipe(fields: &Fields, bore: Bore) -> Pipe {
    let laying = fields.text(Field::Laying).map_or(Laying::Buried, |text| match text.as_str() {
        text if says(text, &["架空", "overhead", "地上"]) => Laying::Overhead,
        text if says(text, &["管廊", "tunnel"]) => Laying::UtilityTunnel,
        text if says(text, &["沟", "duct", "trench", "channel"]) => Laying::Duct,
        _ => Laying::Buried,
    });
    let thickness_m =
        fields.number(Field::Insulation).map(|(value, unit)| if unit == "m" { value } else { value * 1e-3 });
    let roughness_m =
        fields.number(Field::Roughness).map(|(value, unit)| if unit == "m" { value } else { value * 1e-3 });
    let standard = Pipe::default();
    let details = PipeDetails {
        dn: bore.dn,
        nominal_pressure_pa: fields.pascals(Field::NominalPressure),
        insulation: thickness_m
            .filter(|thickness| *thickness > 0.0)
            .map(|thickness_m| Box::new(Insulation { thickness_m, conductivity_w_mk: FOAM_W_MK, ageing_factor: 1.0 })),
        depth_m: fields.metres(Field::Depth).filter(|depth| *depth > 0.0),
        laying,
        material: fields.text(Field::Material).unwrap_or_default(),
        year_laid: fields.whole(Field::Year).and_then(|year| u16::try_from(year).ok()).filter(|year| *year > 1800),
        ..PipeDetails::default()
    };
    Pipe {
        inner_diameter_m: bore.inner_m,
        outer_diameter_m: bore.outer_m,
        roughness_m: roughness_m.filter(|roughness| *roughness > 0.0).unwrap_or(standard.roughness_m),
        zeta: fields.number(Field::Zeta).map(|(zeta, _)| zeta).filter(|zeta| *zeta >= 0.0).unwrap_or(0.0),
        state: if kinds::shut(fields) == Some(true) { PipeState::Closed } else { PipeState::Open },
        details: details.into(),
        ..standard
    }
}

pub(super) fn valve(id: &str, fields: &Fields, report: &mut Report) -> Valve {
    let kind = kinds::valve_kind(fields).unwrap_or_else(|| {
        report.guessed(id, "gis-note-valve-kind", &[]);
        ValveKind::Sectioning
    });
    let opening = fields
        .number(Field::Opening)
        .map(|(value, unit)| if unit == "%" || value > 1.0 { value / 100.0 } else { value });
    let shut = kinds::shut(fields) == Some(true);
    Valve {
        kind,
        kv_m3_h: fields.number(Field::Kv).map(|(kv, _)| kv).filter(|kv| *kv > 0.0),
        opening: if shut { 0.0 } else { opening.unwrap_or(1.0).clamp(0.0, 1.0) },
        diameter_m: bore(fields).map(|bore| bore.inner_m),
        set_pressure_pa: fields.pascals(Field::SetPressure),
        set_flow_kg_s: fields.number(Field::SetFlow).map(|(flow, unit)| if unit == "kgs" { flow } else { flow / 3.6 }),
        ..Valve::default()
    }
}

/// A pump with flow and head in its columns, if they are there.
pub(super) fn pump(id: &str, fields: &Fields, report: &mut Report) -> Pump {
    let flow_m3_h = fields.mass_flow_kg_s().map(|flow| flow * 3.6).filter(|flow| *flow > 0.0);
    let head_m = fields.pascals(Field::PressureRise).map(|rise| rise / 9810.0).filter(|head| *head > 0.0);
    let (flow_m3_h, head_m) = flow_m3_h.zip(head_m).unwrap_or_else(|| {
        report.guessed(id, "gis-note-pump-curve", &[]);
        (100.0, 20.0)
    });
    Pump {
        curve: vec![PumpPoint { flow_m3_h, head_m, efficiency: None }],
        running: kinds::shut(fields) == Some(false),
        ..Pump::default()
    }
}

pub(super) fn consumer(id: &str, fields: &Fields, report: &mut Report) -> Consumer {
    let area = fields.square_metres(Field::Area).filter(|area| *area > 0.0);
    let standard = Consumer::default();
    let demand = if let Some((heat_w, guessed)) = fields.watts(Field::Heat).filter(|(heat, _)| *heat >= 0.0) {
        if guessed {
            report.guessed(id, "gis-note-heat-unit", &[("heat", format!("{}", heat_w / 1e3))]);
        }
        Demand::Heat { heat_w }
    } else if let Some(mass_flow_kg_s) = fields.mass_flow_kg_s().filter(|flow| *flow >= 0.0) {
        Demand::MassFlow { mass_flow_kg_s }
    } else if let Some(area) = area {
        report.guessed(
            id,
            "gis-note-heat-of-area",
            &[("area", format!("{area}")), ("index", HEAT_PER_AREA_W_M2.to_string())],
        );
        Demand::Heat { heat_w: area * HEAT_PER_AREA_W_M2 }
    } else {
        report.guessed(id, "gis-note-no-heat", &[]);
        standard.demand
    };
    let priority = fields.text(Field::Priority).or_else(|| fields.text(Field::Name)).unwrap_or_default();
    Consumer {
        demand,
        return_temperature_c: fields
            .number(Field::ReturnTemperature)
            .map_or(standard.return_temperature_c, |(temperature, _)| temperature),
        priority: self::priority(&priority),
        heated_area_m2: area,
        households: fields.whole(Field::Households),
        people: fields.whole(Field::People),
        address: fields.text(Field::Address).unwrap_or_default(),
        shut: kinds::shut(fields) == Some(true),
        ..standard
    }
}

/// Priority from a word of the user's type or name.
pub(super) fn priority(text: &str) -> Priority {
    let words: [(Priority, &[&str]); 6] = [
        (Priority::Hospital, &["hospital", "医院"]),
        (Priority::School, &["school", "学校", "小学", "中学", "大学"]),
        (Priority::Care, &["care", "养老", "幼儿", "托儿"]),
        (Priority::Industrial, &["industr", "工业", "厂"]),
        (Priority::Commercial, &["commerc", "商"]),
        (Priority::Public, &["public", "公建", "办公", "政府"]),
    ];
    words.into_iter().find(|(_, words)| says(text, words)).map_or(Priority::Residential, |(priority, _)| priority)
}

/// A source; whether it is the pressure reference is decided among all of them.
pub(super) fn source(id: &str, fields: &Fields, reference: bool, report: &mut Report) -> Source {
    let standard = Source::default();
    let rise = fields.pascals(Field::PressureRise).filter(|rise| *rise > 0.0);
    let returns = fields.pascals(Field::ReturnPressure);
    if rise.is_none() || (reference && returns.is_none()) {
        report.guessed(id, "gis-note-source-pressure", &[]);
    }
    let pressure_rise_pa = rise.unwrap_or(400_000.0);
    Source {
        control: if reference {
            SourceControl::Reference { return_pressure_pa: returns.unwrap_or(400_000.0), pressure_rise_pa }
        } else {
            SourceControl::PressureRise { pressure_rise_pa }
        },
        supply_temperature_c: fields
            .number(Field::SupplyTemperature)
            .map_or(standard.supply_temperature_c, |(temperature, _)| temperature),
        capacity_w: fields.watts(Field::Capacity).map(|(heat, _)| heat),
        running: kinds::shut(fields) == Some(false),
        ..standard
    }
}

/// What people call it; empty where that is the id.
pub(super) fn name(fields: &Fields, id: &str) -> String {
    fields.text(Field::Name).filter(|name| name != id).unwrap_or_default()
}

/// The chamber named in the columns.
pub(super) fn chamber(fields: &Fields) -> Option<Name> {
    fields.text(Field::Chamber).map(Name::from)
}
