//! Describes the running file as a debug image. With its build id, uploaded debug files give the whole stack.

use std::fs::{self, File};
use std::io::Read;
use std::sync::OnceLock;

use serde_json::{Value, json};

/// The executable as an entry of `debug_meta.images`. `None` if it is not an ELF file with a build id.
pub(crate) fn executable() -> Option<&'static Value> {
    static IMAGE: OnceLock<Option<Value>> = OnceLock::new();
    IMAGE.get_or_init(read).as_ref()
}

fn read() -> Option<Value> {
    let path = fs::read_link("/proc/self/exe").ok()?;
    let path = path.to_str()?;
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    // The first mapping is where the file was loaded. Code that reads symbols may have mapped the file again.
    let start = maps.lines().find(|line| line.ends_with(path))?.split('-').next()?;
    let start = u64::from_str_radix(start, 16).ok()?;
    // The program headers and the note with the build id are within the first pages.
    let mut head = Vec::new();
    File::open("/proc/self/exe").ok()?.take(64 * 1024).read_to_end(&mut head).ok()?;
    let elf = Elf::parse(&head)?;
    let id = elf.build_id()?;
    let hex: String = id.iter().map(|b| format!("{b:02x}")).collect();
    Some(json!({
        "type": "elf",
        "code_id": hex,
        "debug_id": debug_id(id)?,
        "code_file": path,
        "image_addr": format!("{start:#x}"),
        "image_size": elf.size()?,
    }))
}

/// The beginning of a 64-bit little-endian ELF file.
struct Elf<'a> {
    head: &'a [u8],
    /// The offsets of the program headers.
    headers: Vec<usize>,
}

impl<'a> Elf<'a> {
    fn parse(head: &'a [u8]) -> Option<Self> {
        if !head.starts_with(b"\x7fELF\x02\x01") {
            return None;
        }
        let mut elf = Self { head, headers: Vec::new() };
        let (table, size, count) = (elf.word(32, 8)?, elf.word(54, 2)?, elf.word(56, 2)?);
        elf.headers = (0..count).filter_map(|i| table.checked_add(i.checked_mul(size)?)).collect();
        Some(elf)
    }

    fn word(&self, at: usize, size: usize) -> Option<usize> {
        let bytes = self.head.get(at..at.checked_add(size)?)?;
        usize::try_from(bytes.iter().rev().fold(0_u64, |n, b| (n << 8) | u64::from(*b))).ok()
    }

    /// The offsets of the program headers of a type.
    fn of_type(&self, ty: usize) -> impl Iterator<Item = usize> {
        self.headers.iter().copied().filter(move |at| self.word(*at, 4) == Some(ty))
    }

    /// The size in memory.
    fn size(&self) -> Option<usize> {
        const PT_LOAD: usize = 1;
        let ends =
            self.of_type(PT_LOAD).filter_map(|at| self.word(at + 16, 8)?.checked_add(self.word(at + 40, 8)?));
        let starts = self.of_type(PT_LOAD).filter_map(|at| self.word(at + 16, 8));
        ends.max()?.checked_sub(starts.min()?)
    }

    fn build_id(&self) -> Option<&'a [u8]> {
        const PT_NOTE: usize = 4;
        self.of_type(PT_NOTE).find_map(|header| {
            let at = self.word(header + 8, 8)?;
            self.build_id_among(at, at.checked_add(self.word(header + 32, 8)?)?)
        })
    }

    fn build_id_among(&self, mut at: usize, end: usize) -> Option<&'a [u8]> {
        const NT_GNU_BUILD_ID: usize = 3;
        while at.checked_add(12)? <= end {
            let (name, size, kind) = (self.word(at, 4)?, self.word(at + 4, 4)?, self.word(at + 8, 4)?);
            let data = (at + 12).checked_add(name.checked_next_multiple_of(4)?)?;
            if kind == NT_GNU_BUILD_ID && self.head.get(at + 12..at + 16) == Some(b"GNU\0") {
                return self.head.get(data..data.checked_add(size)?);
            }
            at = data.checked_add(size.checked_next_multiple_of(4)?)?;
        }
        None
    }
}

/// Sentry's debug id: the first sixteen bytes of the build id as a UUID, with its first three fields in
/// little-endian.
fn debug_id(build_id: &[u8]) -> Option<String> {
    let mut id = [0; 16];
    let taken = build_id.len().min(16);
    id.get_mut(..taken)?.copy_from_slice(build_id.get(..taken)?);
    id[0..4].reverse();
    id[4..6].reverse();
    id[6..8].reverse();
    Some(sentry::types::Uuid::from_bytes(id).to_string())
}
