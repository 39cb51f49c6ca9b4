//! The arguments of dispatch orders.

use std::path::PathBuf;

use clap::Args;

use super::TextOrJson;

#[derive(Debug, Args)]
pub struct Orders {
    /// Log of dispatch orders
    pub log: PathBuf,
    /// Only orders that are still to be carried out
    #[arg(long)]
    pub open: bool,
    /// Only the orders of this book
    #[arg(long, value_name = "NUMBER")]
    pub book: Option<u64>,
    /// Who enters what follows
    #[arg(long = "as", value_name = "NAME", env = "HYPOCAUST_WHO", default_value = "", hide_env_values = true)]
    pub who: String,
    /// Enter that an order has been received; can be given several times, like those below
    #[arg(long, value_name = "NUMBER")]
    pub receive: Vec<u64>,
    /// Enter that it will be carried out
    #[arg(long, value_name = "NUMBER")]
    pub confirm: Vec<u64>,
    /// Enter that it will not be carried out; needs --why
    #[arg(long, value_name = "NUMBER")]
    pub refuse: Vec<u64>,
    /// Enter that it has been carried out
    #[arg(long, value_name = "NUMBER")]
    pub done: Vec<u64>,
    /// Enter that it could not be carried out; needs --why
    #[arg(long, value_name = "NUMBER")]
    pub failed: Vec<u64>,
    /// The reason
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub why: String,
    #[arg(long, value_enum, default_value = "text")]
    pub format: TextOrJson,
}
