//! Words of enumerations: as this program writes them, with underscores, or in Chinese.

/// Chinese and short words with the word of the file form.
const ALIASES: [(&str, &str); 46] = [
    ("供水", "supply"),
    ("供", "supply"),
    ("s", "supply"),
    ("回水", "return"),
    ("回", "return"),
    ("r", "return"),
    ("单管", "single"),
    ("开", "open"),
    ("开启", "open"),
    ("1", "open"),
    ("true", "open"),
    ("关", "closed"),
    ("关闭", "closed"),
    ("close", "closed"),
    ("shut", "closed"),
    ("0", "closed"),
    ("false", "closed"),
    ("流量", "mass-flow"),
    ("热量", "heat"),
    ("热负荷", "heat"),
    ("定压", "reference"),
    ("定压点", "reference"),
    ("定扬程", "pressure-rise"),
    ("定流量", "mass-flow"),
    ("分段阀", "sectioning"),
    ("关断阀", "isolating"),
    ("调节阀", "control"),
    ("平衡阀", "balancing"),
    ("止回阀", "check"),
    ("旁通", "bypass"),
    ("旁通阀", "bypass"),
    ("压差控制阀", "differential-pressure"),
    ("自力式压差控制阀", "differential-pressure"),
    ("流量控制阀", "flow"),
    ("自力式流量控制阀", "flow"),
    ("减压阀", "pressure-reducing"),
    ("持压阀", "pressure-sustaining"),
    ("余压透平", "turbine"),
    ("透平", "turbine"),
    ("直线", "linear"),
    ("等百分比", "equal-percentage"),
    ("快开", "quick-opening"),
    ("直埋", "buried"),
    ("管沟", "duct"),
    ("架空", "overhead"),
    ("综合管廊", "utility-tunnel"),
];

/// The word as the file form has it; unknown words in lower case with dashes.
pub fn canonical(text: &str) -> String {
    let lower = text.trim().to_lowercase().replace(['_', ' '], "-");
    ALIASES.iter().find(|(alias, _)| *alias == lower).map_or(lower, |(_, word)| (*word).to_owned())
}
