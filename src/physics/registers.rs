//! Loops compiled a second time for AVX2 and chosen when the program runs.
//!
//! A program built for any x86-64 processor may use only the registers all of them have. [`widest_registers!`] compiles an
//! `#[inline(always)]` function once more for AVX2 and calls that where the processor has it. Both do the same operations
//! in the same order, so results are equal bit for bit. The crate's only reason for `unsafe` in numerical code.

/// `widest_registers!(function(argument: Type = value, …) -> Result)`: calls an `#[inline(always)]` function compiled for the
/// widest registers the processor has.
macro_rules! widest_registers {
    ($function:ident($($argument:ident: $kind:ty = $value:expr),* $(,)?) $(-> $result:ty)?) => {{
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2")]
        fn with_avx2($($argument: $kind),*) $(-> $result)? {
            $function($($argument),*)
        }
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            #[expect(
                unsafe_code,
                reason = "the only way to call a loop compiled for AVX2 from code compiled for any processor"
            )]
            // SAFETY: the processor has just been asked for AVX2; the function has no other requirement.
            return unsafe { with_avx2($($value),*) };
        }
        $function($($value),*)
    }};
}

pub(crate) use widest_registers;
