//! Numbers and slices in bytes that may be damaged: nothing here allocates by what they say, and nothing panics.

use crate::store::StoreError;

/// Bytes that can't be what was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken;

impl Broken {
    /// The same with a name for what they were of.
    pub fn of(self, what: &str) -> StoreError {
        StoreError::Damaged {
            what: what.to_owned(),
        }
    }
}

/// Bytes that are read from the front.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub fn left(&self) -> usize {
        self.0.len()
    }

    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Broken> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Broken)?;
        self.0 = rest;
        Ok(taken)
    }

    pub fn byte(&mut self) -> Result<u8, Broken> {
        Ok(self.take(1)?[0])
    }

    /// A number in LEB128: seven bits a byte, the lowest first.
    pub fn number(&mut self) -> Result<u64, Broken> {
        let mut number = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 127);
            if shift == 63 && bits > 1 {
                return Err(Broken);
            }
            number |= bits << shift;
            if byte < 128 {
                return Ok(number);
            }
        }
        Err(Broken)
    }

    /// A number that counts something here.
    pub fn count(&mut self) -> Result<usize, Broken> {
        usize::try_from(self.number()?).map_err(|_| Broken)
    }

    /// A number with a sign, near zero in few bytes.
    pub fn signed(&mut self) -> Result<i64, Broken> {
        let number = self.number()?;
        Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    pub fn float(&mut self) -> Result<f64, Broken> {
        let bytes = self.take(8)?.try_into().map_err(|_| Broken)?;
        Ok(f64::from_le_bytes(bytes))
    }
}

pub(super) fn put_number(mut number: u64, out: &mut Vec<u8>) {
    while number >= 128 {
        out.push((number & 127 | 128) as u8);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(super) fn put_signed(number: i64, out: &mut Vec<u8>) {
    put_number((number << 1 ^ number >> 63).cast_unsigned(), out);
}

pub(super) fn put_float(number: f64, out: &mut Vec<u8>) {
    out.extend(number.to_le_bytes());
}

/// The most that anything packed is once it is unpacked.
pub(super) const MOST_UNPACKED: usize = 24 << 20;
/// zstd's own default: what more would save is not worth a second of a core a day.
const LEVEL: i32 = 3;

/// Compresses, with a checksum: a bit that flips on the disk is noticed.
pub(super) fn pack(raw: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packer = zstd::bulk::Compressor::new(LEVEL)?;
    packer.include_checksum(true)?;
    packer.compress(raw)
}

/// What [`pack`] made of `size` bytes.
pub(super) fn unpack(packed: &[u8], size: impl TryInto<usize>) -> Result<Vec<u8>, Broken> {
    let size = size.try_into().map_err(|_| Broken)?;
    if size > MOST_UNPACKED {
        return Err(Broken);
    }
    let raw = zstd::bulk::decompress(packed, size).map_err(|_| Broken)?;
    Some(raw).filter(|raw| raw.len() == size).ok_or(Broken)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_come_back(plain in any::<u64>(), signed in any::<i64>(), float in any::<f64>()) {
            let mut bytes = Vec::new();
            put_number(plain, &mut bytes);
            put_signed(signed, &mut bytes);
            put_float(float, &mut bytes);
            let mut cursor = Cursor::new(&bytes);
            prop_assert_eq!(cursor.number(), Ok(plain));
            prop_assert_eq!(cursor.signed(), Ok(signed));
            prop_assert_eq!(cursor.float().map(f64::to_bits), Ok(float.to_bits()));
            prop_assert!(cursor.is_empty());
        }
    }

    #[test]
    fn a_number_beyond_64_bits_is_none() {
        assert_eq!(Cursor::new(&[255; 11]).number(), Err(Broken));
        assert_eq!(Cursor::new(&[128]).number(), Err(Broken));
    }

    #[test]
    fn a_bit_that_flips_is_noticed() {
        let raw: Vec<u8> = (0..4000u32).map(|n| ((n * n) >> 5) as u8).collect();
        let packed = pack(&raw).unwrap();
        assert_eq!(unpack(&packed, raw.len()).as_ref(), Ok(&raw));
        for place in 0..packed.len() {
            let mut damaged = packed.clone();
            damaged[place] ^= 4;
            let told = unpack(&damaged, raw.len());
            assert!(told.is_err() || told.as_ref() == Ok(&raw), "byte {place}");
        }
        assert_eq!(unpack(&packed, raw.len() - 1), Err(Broken));
        assert_eq!(unpack(&packed, usize::MAX), Err(Broken));
    }
}
