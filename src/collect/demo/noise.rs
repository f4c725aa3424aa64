//! Smooth noise as a pure function of a seed, a name and a moment: no state is carried from one call to the next.

/// Noise of one seed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Noise(pub u64);

impl Noise {
    /// A number from 0 to 1 that belongs to `name` and `index`.
    pub(super) fn unit(self, name: &str, index: u64) -> f64 {
        unit(mix(self.0 ^ channel(name) ^ mix(index)))
    }

    /// A number from −1 to 1 that wanders as `seconds` goes on: quick ripples on slow swells.
    pub(super) fn sway(self, name: &str, index: u64, seconds: f64) -> f64 {
        let seed = self.0 ^ channel(name) ^ mix(index);
        let swell = value_noise(seed, seconds / 143.0);
        let wave = value_noise(seed ^ 0x5bd1, seconds / 23.0);
        let ripple = value_noise(seed ^ 0xe995, seconds / 2.7);
        0.45 * swell + 0.3 * wave + 0.25 * ripple
    }
}

/// Value noise: a random number at each whole `position`, blended smoothly in between.
fn value_noise(seed: u64, position: f64) -> f64 {
    let left = position.floor();
    let knot = |offset: i64| {
        let index = (left as i64).wrapping_add(offset) as u64;
        unit(mix(seed ^ mix(index))) * 2.0 - 1.0
    };
    let blend = smooth(position - left);
    knot(0) * (1.0 - blend) + knot(1) * blend
}

/// 0 below 0, 1 above 1, and a soft step between.
pub(super) fn smooth(x: f64) -> f64 {
    let x = x.clamp(0.0, 1.0);
    x * x * (3.0 - 2.0 * x)
}

fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

/// FNV-1a, so that each name has its own noise.
fn channel(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The finalizer of SplitMix64.
fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_wanders_without_jumping_and_stays_in_range() {
        let noise = Noise(7);
        let mut last = noise.sway("cpu", 0, 0.0);
        for step in -4000..4000 {
            let now = noise.sway("cpu", 0, f64::from(step) * 0.25);
            assert!((-1.0..=1.0).contains(&now));
            if step > -4000 {
                assert!((now - last).abs() < 0.2, "{last} jumps to {now}");
            }
            last = now;
        }
    }

    #[test]
    fn names_and_seeds_have_their_own_noise() {
        assert_ne!(Noise(1).sway("cpu", 0, 9.5), Noise(1).sway("disk", 0, 9.5));
        assert_ne!(Noise(1).sway("cpu", 0, 9.5), Noise(2).sway("cpu", 0, 9.5));
        assert_eq!(Noise(1).unit("cpu", 3), Noise(1).unit("cpu", 3));
    }
}
