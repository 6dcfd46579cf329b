//! The shop's process listens on its own port only, so that no other program reaches its data.

use std::collections::BTreeSet;
use std::fs;

use crate::process::{Shop, directory};

/// The state of a listening socket in the kernel's table.
const LISTENS: &str = "0A";

#[test]
fn it_listens_to_the_shops_port_and_no_other() {
    let shop = Shop::owning(directory(), &[]);
    assert_eq!(shop.client().get("/products").status, 200, "its database is open");
    let port: u16 = shop.url().rsplit_once(':').unwrap().1.parse().unwrap();
    assert_eq!(listening_ports(shop.id()), [port]);
}

/// The TCP ports on which a process listens, one for each of its sockets.
fn listening_ports(process: u32) -> Vec<u16> {
    let files = fs::read_dir(format!("/proc/{process}/fd")).unwrap();
    let sockets: BTreeSet<String> = files
        .filter_map(|file| fs::read_link(file.ok()?.path()).ok())
        .filter_map(|target| {
            Some(target.to_str()?.strip_prefix("socket:[")?.trim_end_matches(']').to_owned())
        })
        .collect();
    let tables = ["tcp", "tcp6"].map(|table| fs::read_to_string(format!("/proc/{process}/net/{table}")));
    let rows = tables.iter().flatten().flat_map(|table| table.lines().skip(1));
    let rows = rows.map(|row| row.split_whitespace().collect::<Vec<_>>());
    // The second column is the address and the port in hexadecimal, the fourth is the state, the tenth is the inode.
    let ours = rows.filter(|row| row[3] == LISTENS && sockets.contains(row[9]));
    ours.map(|row| u16::from_str_radix(row[1].rsplit_once(':').unwrap().1, 16).unwrap()).collect()
}
