//! An emergency information base for cities that do not exist: every name and number in it is invented, and looks it.

use crate::network::{Contact, EmergencyBase, MutualAid, StandingPlan, Store};

/// Numbers of the kind 555-01xx belong to nobody.
pub(super) fn base() -> EmergencyBase {
    let contact = |name: &str, role: &str, phone: &str| Contact {
        name: name.to_owned(),
        role: role.to_owned(),
        phone: phone.to_owned(),
    };
    let store = |item: &str, count: f64, unit: &str, place: &str| Store {
        item: item.to_owned(),
        count,
        unit: unit.to_owned(),
        place: place.to_owned(),
        element: None,
    };
    let aid = |organisation: &str, offers: &str, contact: &str, phone: &str| MutualAid {
        organisation: organisation.to_owned(),
        offers: offers.to_owned(),
        contact: contact.to_owned(),
        phone: phone.to_owned(),
    };
    let plan = |title: &str, steps: &[&str]| StandingPlan { title: title.to_owned(), text: steps.join("\n") };
    EmergencyBase {
        contacts: vec![
            contact("示例一 Person One", "值班调度长 dispatcher on duty", "555-0100"),
            contact("示例二 Person Two", "抢修一队队长 head of repair crew 1", "555-0101"),
            contact("示例三 Person Three", "抢修二队队长 head of repair crew 2", "555-0102"),
            contact("示例四 Person Four", "生产副总 deputy head of operation", "555-0103"),
            contact("示例五 Person Five", "客服热线值班 customer line on duty", "555-0104"),
        ],
        stores: vec![
            store("抢修车 repair vehicle", 2.0, "辆 vehicles", "东郊热电厂库房 store at the eastern plant"),
            store("应急排水泵 200 m³/h emergency pump", 3.0, "台 sets", "东郊热电厂库房 store at the eastern plant"),
            store("堵漏卡具 DN200–DN600 leak clamps", 12.0, "套 sets", "西郊热源厂库房 store at the western plant"),
            store("移动锅炉 2.8 MW mobile boiler", 1.0, "台 set", "西郊热源厂库房 store at the western plant"),
            store("预制保温管 DN300 pre-insulated pipe", 120.0, "m", "管材场 pipe yard"),
        ],
        mutual_aid: vec![
            aid(
                "邻市示例热力公司 neighbouring utility",
                "移动锅炉 2 台、焊工 6 人 two mobile boilers, six welders",
                "示例六 Person Six",
                "555-0110",
            ),
            aid(
                "示例市政工程队 municipal works",
                "挖掘机、围挡、交通疏导 excavator, fences, traffic",
                "示例七 Person Seven",
                "555-0111",
            ),
        ],
        plans: vec![
            plan(
                "主干管爆管 burst of a main",
                &[
                    "1. 核实位置，设警戒，先救人。 Find the place, fence it off, people first.",
                    "2. 按方案关阀，逐阀回报。 Close the valves of the plan, report each.",
                    "3. 通知医院、学校、养老机构。 Call hospitals, schools, care homes.",
                    "4. 启用联络阀与备用热源。 Open ties, start reserve plants.",
                    "5. 修复后先回水后供水充水，排气，缓慢升温。 Fill return first, then supply; vent; warm slowly.",
                ],
            ),
            plan(
                "热源停运 loss of a plant",
                &[
                    "1. 确认定压，必要时移交定压。 Make sure of the pressure reference, hand it over if need be.",
                    "2. 启动备用锅炉，按优先级限供。 Start reserve boilers, shed by priority.",
                    "3. 全网防冻检查。 Check the whole network against frost.",
                ],
            ),
        ],
    }
}
