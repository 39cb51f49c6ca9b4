//! How makers lay out registers: four families of controllers as they stand in substations, each with its own habits of
//! tables, codings and word orders, so that a map with all of them exercises every way a value can be read.

use std::collections::BTreeMap;

use crate::io::modbus::map::{Device, MOST_REGISTERS, Table};
use crate::io::modbus::value::{DataType, WordOrder};
use crate::live::dictionary::Form;

/// Habits of one make of controller.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    measure: (Table, Numbers),
    total: DataType,
    /// States lie in discrete inputs, or packed into holding registers.
    packed_states: bool,
    order: WordOrder,
    unit_id: u8,
    most_registers: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Numbers {
    Float,
    /// Whole numbers of a power of ten.
    Scaled,
    /// The same, always in two registers.
    ScaledWide,
}

/// The families, taken in turn.
pub const FAMILIES: [Family; 4] = [
    Family {
        measure: (Table::Holding, Numbers::Float),
        total: DataType::F64,
        packed_states: true,
        order: WordOrder::Abcd,
        unit_id: 1,
        most_registers: MOST_REGISTERS,
    },
    Family {
        measure: (Table::Input, Numbers::Float),
        total: DataType::U32,
        packed_states: false,
        order: WordOrder::Cdab,
        unit_id: 255,
        most_registers: 120,
    },
    Family {
        measure: (Table::Holding, Numbers::Scaled),
        total: DataType::Bcd32,
        packed_states: true,
        order: WordOrder::Badc,
        unit_id: 2,
        most_registers: 64,
    },
    Family {
        measure: (Table::Input, Numbers::ScaledWide),
        total: DataType::U64,
        packed_states: false,
        order: WordOrder::Dcba,
        unit_id: 1,
        most_registers: 100,
    },
];

/// Where things begin: measured numbers, running totals, states, set-points.
const MEASURES_AT: u16 = 0;
const TOTALS_AT: u16 = 200;
const STATES_AT: u16 = 300;
const SETTINGS_AT: u16 = 400;

/// Where a value lies in a device.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slot {
    pub table: Table,
    pub register: u16,
    pub kind: DataType,
    pub order: WordOrder,
    /// Value in its unit = raw · scale.
    pub scale: f64,
}

/// Gives out the registers of one device.
#[derive(Clone, Debug)]
pub struct Registers {
    family: Family,
    next: BTreeMap<(Table, u16), u16>,
    states: u16,
}

impl Registers {
    pub fn new(family: Family) -> Registers {
        Registers { family, next: BTreeMap::new(), states: 0 }
    }

    /// Registers for a value of this form, with least and most in its unit and the step worth telling.
    pub fn slot(&mut self, form: Form, least: f64, most: f64, resolution: f64) -> Slot {
        let family = self.family;
        match form {
            Form::State => self.state(),
            // Yes or no that may be written.
            Form::Setting if (least, most, resolution) == (0.0, 1.0, 1.0) => {
                self.take(Table::Coil, MEASURES_AT, DataType::Bit, 1.0)
            }
            Form::Total => {
                let table = family.measure.0;
                // A whole counter of the last digit, so that small flows count.
                let scale = if family.total == DataType::F64 { 1.0 } else { resolution };
                self.take(table, TOTALS_AT, family.total, scale)
            }
            Form::Measure => self.number(family.measure.0, MEASURES_AT, family.measure.1, least, most, resolution),
            Form::Setting => self.number(Table::Holding, SETTINGS_AT, family.measure.1, least, most, resolution),
        }
    }

    fn number(&mut self, table: Table, base: u16, numbers: Numbers, least: f64, most: f64, resolution: f64) -> Slot {
        let fits = |low: f64, high: f64| least / resolution >= low && most / resolution <= high;
        let kind = match numbers {
            Numbers::Float => return self.take(table, base, DataType::F32, 1.0),
            Numbers::ScaledWide => DataType::I32,
            Numbers::Scaled if fits(0.0, f64::from(u16::MAX)) => DataType::U16,
            Numbers::Scaled if fits(f64::from(i16::MIN), f64::from(i16::MAX)) => DataType::I16,
            Numbers::Scaled => DataType::I32,
        };
        self.take(table, base, kind, resolution)
    }

    fn state(&mut self) -> Slot {
        let at = self.states;
        self.states += 1;
        if self.family.packed_states {
            let kind = DataType::BitOfWord((at % 16) as u8);
            // Bits of a word have an order of their own; bytes of packed states are never swapped.
            let order = WordOrder::Abcd;
            Slot { table: Table::Holding, register: STATES_AT + at / 16, kind, order, scale: 1.0 }
        } else {
            Slot { table: Table::Discrete, register: at, kind: DataType::Bit, order: WordOrder::Abcd, scale: 1.0 }
        }
    }

    fn take(&mut self, table: Table, base: u16, kind: DataType, scale: f64) -> Slot {
        let next = self.next.entry((table, base)).or_insert(base);
        let register = *next;
        *next += kind.registers();
        let order = if table.is_bits() { WordOrder::Abcd } else { self.family.order };
        Slot { table, register, kind, order, scale }
    }
}

impl Family {
    /// Sets what the make is known for.
    pub fn apply(&self, device: &mut Device) {
        device.unit_id = self.unit_id;
        device.most_registers = self.most_registers;
    }
}
