//! What all bytes of figures are made of: numbers of as many bytes as they need, and checksums.

/// The bytes can't be what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("damaged bytes")]
pub struct Damaged;

/// Writes a number in as many bytes as it needs, seven bits each.
pub fn put_varint(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 128 {
        bytes.push((number & 127 | 128) as u8);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Reads one such number.
///
/// # Errors
/// The bytes end within it, or it would be larger than 64 bits.
pub fn varint(rest: &mut &[u8]) -> Result<u64, Damaged> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(rest, 1)?[0];
        number |= u64::from(byte & 127) << shift;
        if byte < 128 {
            return Ok(number);
        }
    }
    Err(Damaged)
}

/// The next so many bytes.
///
/// # Errors
/// There are fewer.
pub fn take<'a>(rest: &mut &'a [u8], length: usize) -> Result<&'a [u8], Damaged> {
    let (taken, after) = rest.split_at_checked(length).ok_or(Damaged)?;
    *rest = after;
    Ok(taken)
}

/// A number that may not be larger than `most`.
///
/// # Errors
/// It is.
pub fn bounded(number: u64, most: usize) -> Result<usize, Damaged> {
    usize::try_from(number)
        .ok()
        .filter(|number| *number <= most)
        .ok_or(Damaged)
}

/// Puts a checksum before bytes: a bit that tips over on a disk must not become a figure.
pub fn sealed(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(body.len() + 4);
    bytes.extend(crc32fast::hash(body).to_le_bytes());
    bytes.extend(body);
    bytes
}

/// The bytes behind a checksum.
///
/// # Errors
/// They are not those that were sealed.
pub fn unsealed(bytes: &[u8]) -> Result<&[u8], Damaged> {
    let (sum, body) = bytes.split_first_chunk::<4>().ok_or(Damaged)?;
    if crc32fast::hash(body).to_le_bytes() == *sum {
        Ok(body)
    } else {
        Err(Damaged)
    }
}
