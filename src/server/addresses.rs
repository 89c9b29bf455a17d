//! Which addresses of the network are everybody's: whoever gives us a URL may not reach through us what only we can reach.
//!
//! The ranges are those of IANA's registries of special-purpose addresses (RFC 6890 and what followed it, as of 2026), and the few
//! addresses by which machines of cloud providers learn secrets. What IPv6 merely carries is judged by the IPv4 address inside.
//! Of IPv6 only what has been allocated to the public Internet (2000::/3) can be right, so that a range that is forgotten here or
//! invented later is refused.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Ranges of IPv4 that are nobody's on the Internet: the first address, how many bits of it count, and what they are.
const REFUSED_4: [([u8; 4], u32, &str); 18] = [
    ([0, 0, 0, 0], 8, "this network"),
    ([10, 0, 0, 0], 8, "a private network"),
    ([100, 64, 0, 0], 10, "a network that providers share"),
    ([127, 0, 0, 0], 8, "this machine"),
    ([168, 63, 129, 16], 32, "a cloud provider's own"),
    ([169, 254, 0, 0], 16, "the local link"),
    ([172, 16, 0, 0], 12, "a private network"),
    ([192, 0, 0, 0], 24, "kept for protocols"),
    ([192, 0, 2, 0], 24, "for documentation"),
    ([192, 88, 99, 0], 24, "kept for relays of 6to4"),
    ([192, 168, 0, 0], 16, "a private network"),
    ([198, 18, 0, 0], 15, "for benchmarks"),
    ([198, 51, 100, 0], 24, "for documentation"),
    ([203, 0, 113, 0], 24, "for documentation"),
    ([224, 0, 0, 0], 4, "for many at once"),
    ([233, 252, 0, 0], 24, "for documentation"),
    ([240, 0, 0, 0], 4, "kept for the future"),
    ([255, 255, 255, 255], 32, "for all at once"),
];

/// Ranges of IPv6 that are nobody's on the Internet. What is not in 2000::/3 is refused anyway; a reason is better than none.
const REFUSED_6: [([u16; 8], u32, &str); 15] = [
    ([0, 0, 0, 0, 0, 0, 0, 0], 128, "no address"),
    ([0, 0, 0, 0, 0, 0, 0, 1], 128, "this machine"),
    ([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48, "a translator of a local network"),
    ([0x100, 0, 0, 0, 0, 0, 0, 0], 64, "for discarding"),
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 32, "a Teredo tunnel"),
    ([0x2001, 2, 0, 0, 0, 0, 0, 0], 48, "for benchmarks"),
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, "kept for protocols"),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, "for documentation"),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, "for documentation"),
    ([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16, "kept for routing"),
    ([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, "a private network"),
    ([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, "the local link"),
    ([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, "a private network"),
    ([0xff00, 0, 0, 0, 0, 0, 0, 0], 8, "for many at once"),
    ([0, 0, 0, 0, 0, 0, 0, 0], 96, "an old form of IPv4"),
];

/// Whether an address is one on the Internet that anybody can reach.
pub fn is_public(address: IpAddr) -> bool {
    why_not_public(address).is_none()
}

/// What an address is that is none on the Internet, to be said behind "its address is".
pub fn why_not_public(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => why_not_4(address),
        IpAddr::V6(address) => why_not_6(address),
    }
}

fn why_not_4(address: Ipv4Addr) -> Option<&'static str> {
    let number = address.to_bits();
    let is_in = |(first, bits, _): &&([u8; 4], u32, &'static str)| {
        let differs = number ^ u32::from_be_bytes(*first);
        differs.leading_zeros() >= *bits
    };
    // 255.255.255.255 is in a larger range as well; the narrower one says more.
    REFUSED_4.iter().filter(is_in).max_by_key(|(_, bits, _)| *bits).map(|(_, _, what)| *what)
}

fn why_not_6(address: Ipv6Addr) -> Option<&'static str> {
    if let Some(inside) = carried(address) {
        return why_not_4(inside);
    }
    let number = address.to_bits();
    let is_in = |(first, bits, _): &&([u16; 8], u32, &'static str)| {
        let differs = number ^ Ipv6Addr::from(*first).to_bits();
        differs.leading_zeros() >= *bits
    };
    let refused = REFUSED_6.iter().filter(is_in).max_by_key(|(_, bits, _)| *bits).map(|(_, _, what)| *what);
    refused.or((number >> 125 != 1).then_some("not allocated"))
}

/// The IPv4 address that an IPv6 address carries: mapped (RFC 4291), translated (RFC 6052) or tunnelled as 6to4 (RFC 3056).
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let four = |high: u16, low: u16| Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0, 0, 0, 0, 0xffff, 0, high, low] => four(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => four(high, low),
        [0x2002, high, low, ..] => four(high, low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_everybody_reaches_is_public() {
        for text in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "168.63.129.15",
            "168.63.129.17",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.0.3.0",
            "192.88.98.255",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "198.51.101.0",
            "203.0.112.255",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2a00:1450:4001:800::200e",
            "2001:200::1",
            "2001:db9::1",
            "2400::",
            "3ffe:ffff::1",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2002:808:808::1",
        ] {
            assert_eq!(why_not_public(text.parse().unwrap()), None, "{text}");
        }
        for (text, what) in [
            ("0.0.0.0", "this network"),
            ("0.1.2.3", "this network"),
            ("10.0.0.1", "private"),
            ("100.64.0.1", "share"),
            ("100.100.100.200", "share"),
            ("127.0.0.1", "this machine"),
            ("127.255.255.254", "this machine"),
            ("168.63.129.16", "cloud"),
            ("169.254.169.254", "local link"),
            ("172.16.0.1", "private"),
            ("172.31.255.255", "private"),
            ("192.0.0.192", "protocols"),
            ("192.0.2.1", "documentation"),
            ("192.88.99.1", "6to4"),
            ("192.168.1.1", "private"),
            ("198.18.0.1", "benchmarks"),
            ("198.19.255.255", "benchmarks"),
            ("198.51.100.7", "documentation"),
            ("203.0.113.7", "documentation"),
            ("224.0.0.1", "many"),
            ("239.255.255.255", "many"),
            ("233.252.0.9", "documentation"),
            ("240.0.0.1", "future"),
            ("255.255.255.255", "all at once"),
            ("::", "no address"),
            ("::1", "this machine"),
            ("::8.8.8.8", "old form"),
            ("::ffff:127.0.0.1", "this machine"),
            ("::ffff:0:10.0.0.1", "private"),
            ("64:ff9b::10.0.0.1", "private"),
            ("64:ff9b::169.254.169.254", "local link"),
            ("64:ff9b:1::8.8.8.8", "translator"),
            ("64:ff9b:2::1", "not allocated"),
            ("100::1", "discarding"),
            ("2001::1", "Teredo"),
            ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo"),
            ("2001:2::1", "benchmarks"),
            ("2001:10::1", "protocols"),
            ("2001:20::1", "protocols"),
            ("2001:db8::1", "documentation"),
            ("2002:7f00:1::", "this machine"),
            ("2002:a9fe:a9fe::", "local link"),
            ("2002:c0a8:101::1", "private"),
            ("3fff::1", "documentation"),
            ("4000::1", "not allocated"),
            ("5f00::1", "routing"),
            ("fc00::1", "private"),
            ("fd00:ec2::254", "private"),
            ("fe80::1", "local link"),
            ("febf::1", "local link"),
            ("fec0::1", "private"),
            ("ff02::1", "many"),
        ] {
            let said = why_not_public(text.parse().unwrap());
            assert!(said.is_some_and(|said| said.contains(what)), "{text}: {said:?}");
            assert!(!is_public(text.parse().unwrap()));
        }
    }
}
