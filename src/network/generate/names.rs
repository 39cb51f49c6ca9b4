//! What streets, quarters, substations and plants are called: Chinese with the Latin spelling beside it.
//!
//! The names are common ones of many cities; the city is none of them.

use super::dice::Dice;
use super::houses::Usage;

/// A name in Chinese and in Latin letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Title {
    pub(super) chinese: String,
    pub(super) latin: String,
}

impl Title {
    fn new(chinese: impl Into<String>, latin: impl Into<String>) -> Title {
        Title { chinese: chinese.into(), latin: latin.into() }
    }
}

const MAIN_COLUMNS: [(&str, &str); 10] = [
    ("人民", "Renmin"),
    ("建设", "Jianshe"),
    ("东盛", "Dongsheng"),
    ("和平", "Heping"),
    ("临河", "Linhe"),
    ("青年", "Qingnian"),
    ("西安", "Xi'an"),
    ("普阳", "Puyang"),
    ("春城", "Chuncheng"),
    ("景阳", "Jingyang"),
];
const MAIN_ROWS: [(&str, &str); 10] = [
    ("解放", "Jiefang"),
    ("自由", "Ziyou"),
    ("北环", "Beihuan"),
    ("松江", "Songjiang"),
    ("南湖", "Nanhu"),
    ("长江", "Changjiang"),
    ("繁荣", "Fanrong"),
    ("卫星", "Weixing"),
    ("吉林", "Jilin"),
    ("长白", "Changbai"),
];
const MINOR: [(&str, &str); 24] = [
    ("同志", "Tongzhi"),
    ("永昌", "Yongchang"),
    ("立信", "Lixin"),
    ("清华", "Qinghua"),
    ("百汇", "Baihui"),
    ("康平", "Kangping"),
    ("桂林", "Guilin"),
    ("牡丹", "Mudan"),
    ("隆礼", "Longli"),
    ("惠民", "Huimin"),
    ("光明", "Guangming"),
    ("平治", "Pingzhi"),
    ("文化", "Wenhua"),
    ("延安", "Yan'an"),
    ("红旗", "Hongqi"),
    ("新疆", "Xinjiang"),
    ("大庆", "Daqing"),
    ("安达", "Anda"),
    ("工农", "Gongnong"),
    ("天津", "Tianjin"),
    ("杭州", "Hangzhou"),
    ("重庆", "Chongqing"),
    ("珲春", "Hunchun"),
    ("敦化", "Dunhua"),
];
const DIAGONALS: [(&str, &str); 4] =
    [("民康", "Minkang"), ("建国", "Jianguo"), ("中兴", "Zhongxing"), ("民生", "Minsheng")];
const QUARTERS: [(&str, &str); 28] = [
    ("阳光", "Yangguang"),
    ("锦绣", "Jinxiu"),
    ("江湾", "Jiangwan"),
    ("紫荆", "Zijing"),
    ("富苑", "Fuyuan"),
    ("翠园", "Cuiyuan"),
    ("金色", "Jinse"),
    ("春江", "Chunjiang"),
    ("枫林", "Fenglin"),
    ("天泽", "Tianze"),
    ("宏达", "Hongda"),
    ("明珠", "Mingzhu"),
    ("丽水", "Lishui"),
    ("松苑", "Songyuan"),
    ("银河", "Yinhe"),
    ("万盛", "Wansheng"),
    ("祥和", "Xianghe"),
    ("北辰", "Beichen"),
    ("学府", "Xuefu"),
    ("御景", "Yujing"),
    ("桃源", "Taoyuan"),
    ("世纪", "Shiji"),
    ("泰和", "Taihe"),
    ("柳影", "Liuying"),
    ("清水", "Qingshui"),
    ("东岭", "Dongling"),
    ("朝阳", "Chaoyang"),
    ("雁鸣", "Yanming"),
];
const OLD: [(&str, &str); 4] =
    [("小区", "Estate"), ("新村", "New Village"), ("家属院", "Courtyard"), ("里", "Lane Estate")];
const NEW: [(&str, &str); 6] = [
    ("花园", "Garden"),
    ("家园", "Homes"),
    ("名苑", "Court"),
    ("嘉园", "Park Homes"),
    ("华庭", "Residence"),
    ("城", "Town"),
];
const TRADE: [(&str, &str); 4] =
    [("商贸中心", "Trade Centre"), ("广场", "Plaza"), ("大厦", "Tower"), ("商业街", "Mall Street")];
const WORKS: [(&str, &str); 4] = [
    ("机械厂", "Machinery Works"),
    ("客车配件厂", "Coach Parts Works"),
    ("食品厂", "Food Works"),
    ("物流园", "Logistics Park"),
];
const ORDINALS: [&str; 10] = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];

/// Names of lines of streets: columns, rows, diagonals.
pub(super) fn streets(arterial: &[Vec<bool>; 2]) -> Vec<Title> {
    let mut minor = 0;
    let mut titles = Vec::new();
    for (axis, (mains, suffix)) in
        [(MAIN_COLUMNS, [("大街", "Street"), ("街", "Street")]), (MAIN_ROWS, [("大路", "Avenue"), ("路", "Road")])]
            .into_iter()
            .enumerate()
    {
        let mut main = 0;
        for &is_main in &arterial[axis] {
            titles.push(if is_main {
                main += 1;
                numbered(&mains, main - 1, suffix[0])
            } else {
                minor += 1;
                numbered(&MINOR, minor - 1, suffix[1])
            });
        }
    }
    titles.extend(DIAGONALS.iter().map(|(c, l)| Title::new(format!("{c}大街"), format!("{l} Avenue"))));
    titles
}

/// The n-th name of a list; after its end again with an ordinal.
fn numbered(list: &[(&str, &str)], number: usize, (chinese, latin): (&str, &str)) -> Title {
    let (name, round) = (list[number % list.len()], number / list.len());
    match round {
        0 => Title::new(format!("{}{chinese}", name.0), format!("{} {latin}", name.1)),
        _ => {
            let ordinal = ORDINALS.get(round).map_or_else(|| (round + 1).to_string(), |o| (*o).to_owned());
            Title::new(format!("{}{ordinal}{chinese}", name.0), format!("{} {latin} No. {}", name.1, round + 1))
        }
    }
}

/// Names of blocks by what they are used for.
pub(super) fn quarters(usages: &[Usage], seed: u64) -> Vec<Title> {
    let mut dice = Dice::new(seed, 60);
    // Every pair of a first and a second part once, in random order, then again with a phase number.
    let deck = |seconds: &[(&str, &str)], dice: &mut Dice| {
        let mut pairs: Vec<Title> = QUARTERS
            .iter()
            .flat_map(|f| seconds.iter().map(|s| Title::new(format!("{}{}", f.0, s.0), format!("{} {}", f.1, s.1))))
            .collect();
        dice.shuffle(&mut pairs);
        pairs
    };
    let decks = [deck(&OLD, &mut dice), deck(&NEW, &mut dice), deck(&TRADE, &mut dice), deck(&WORKS, &mut dice)];
    let mut used = [0; 6];
    let mut take = |kind: usize| {
        used[kind] += 1;
        used[kind] - 1
    };
    let phased = |deck: &[Title], number: usize| {
        let title = &deck[number % deck.len()];
        match number / deck.len() {
            0 => title.clone(),
            round => {
                let ordinal = ORDINALS.get(round).map_or_else(|| (round + 1).to_string(), |o| (*o).to_owned());
                Title::new(format!("{}{ordinal}期", title.chinese), format!("{} Phase {}", title.latin, round + 1))
            }
        }
    };
    usages
        .iter()
        .map(|usage| match usage {
            Usage::OldHousing => phased(&decks[0], take(0)),
            Usage::NewHousing | Usage::Towers => phased(&decks[1], take(1)),
            Usage::Commercial => phased(&decks[2], take(2)),
            Usage::Works => phased(&decks[3], take(3)),
            Usage::School => {
                let number = take(4);
                if number.is_multiple_of(2) {
                    Title::new(format!("第{}中学", number / 2 + 1), format!("Middle School No. {}", number / 2 + 1))
                } else {
                    let (chinese, latin) = QUARTERS[number / 2 % QUARTERS.len()];
                    Title::new(format!("{chinese}小学"), format!("{latin} Primary School"))
                }
            }
            Usage::Hospital => {
                let number = take(5) + 1;
                Title::new(format!("市第{number}人民医院"), format!("City Hospital No. {number}"))
            }
            Usage::Park => Title::new("公园", "Park"),
        })
        .collect()
}

/// Name of a plant.
pub(super) fn plant(number: usize, combined: bool) -> Title {
    match (number, combined) {
        (0, _) => Title::new("东郊热电厂", "East Power Station"),
        (1, _) => Title::new("西郊燃气调峰热源厂", "West Gas Peak Plant"),
        (n, true) => Title::new(format!("第{}热电厂", n + 1), format!("Power Station No. {}", n + 1)),
        (n, false) => Title::new(format!("第{}热源厂", n + 1), format!("Heating Plant No. {}", n + 1)),
    }
}
