//! Sky, sun, moon, stars, clouds, birds, and the light of a time of day.

use crate::server::demo::colour::{Colour, rgb};
use crate::server::demo::outline::{Outline, Place};
use crate::server::demo::scene::{Paint, Scene};

/// The light of a time of day, which colours everything else.
#[derive(Clone, Copy)]
pub(in crate::server::demo) struct Light {
    /// From the zenith to the horizon.
    pub(in crate::server::demo) sky: [Colour; 3],
    /// What far things fade into.
    pub(in crate::server::demo) haze: Colour,
    pub(in crate::server::demo) sun: Colour,
    pub(in crate::server::demo) cloud: Colour,
    /// How much darker things are than by day.
    pub(in crate::server::demo) dusk: f64,
}

pub(in crate::server::demo) const MORNING: Light = Light {
    sky: [rgb(0x5B_8D_C9), rgb(0xA9_C8_E8), rgb(0xFF_E3_C2)],
    haze: rgb(0xF6_DC_C8),
    sun: rgb(0xFF_EC_B0),
    cloud: rgb(0xFF_F4_EC),
    dusk: 0.05,
};
pub(in crate::server::demo) const NOON: Light = Light {
    sky: [rgb(0x2C_74_C4), rgb(0x6F_B1_E8), rgb(0xD6_EC_FA)],
    haze: rgb(0xCF_E4_F3),
    sun: rgb(0xFF_F6_D0),
    cloud: rgb(0xFF_FF_FF),
    dusk: 0.0,
};
pub(in crate::server::demo) const EVENING: Light = Light {
    sky: [rgb(0x3B_3A_78), rgb(0xC8_5C_7E), rgb(0xFF_C1_78)],
    haze: rgb(0xF0_A2_7A),
    sun: rgb(0xFF_E2_8A),
    cloud: rgb(0xFF_C9_B0),
    dusk: 0.28,
};
pub(in crate::server::demo) const NIGHT: Light = Light {
    sky: [rgb(0x07_0B_24), rgb(0x14_1F_4D), rgb(0x34_3F_78)],
    haze: rgb(0x2A_34_66),
    sun: rgb(0xF4_F0_DC),
    cloud: rgb(0x4A_55_88),
    dusk: 0.55,
};

impl Light {
    /// A colour in this light, at a distance from 0 (here) to 1 (the horizon).
    pub(in crate::server::demo) fn on(&self, colour: Colour, distance: f64) -> Colour {
        colour.darker(self.dusk).mix(self.haze, distance * 0.85)
    }
}

/// Fills the picture with sky.
pub(in crate::server::demo) fn sky(s: &mut Scene, light: &Light) {
    let [zenith, middle, horizon] = light.sky;
    let paint = s.down(&[(0.0, zenith), (0.45, middle), (0.75, horizon), (1.0, horizon)]);
    s.draw(&Outline::rect(0.0, 0.0, s.width, s.height), paint.as_str());
}

/// The sun with its light around it.
pub(in crate::server::demo) fn sun(s: &mut Scene, light: &Light, at: Place, radius: f64) {
    for (size, strength) in [(7.0, 0.35), (3.2, 0.6)] {
        let glow = s.glow(light.sun, strength);
        s.draw(&Outline::circle(at.0, at.1, radius * size), glow);
    }
    let disc = s.round(&[(0.0, rgb(0xFF_FF_F4)), (1.0, light.sun)]);
    s.draw_as("Sun", &Outline::circle(at.0, at.1, radius), disc.as_str());
}

/// A full moon with its seas.
pub(in crate::server::demo) fn moon(s: &mut Scene, at: Place, radius: f64) {
    let glow = s.glow(rgb(0xD8_E2_FF), 0.5);
    s.draw(&Outline::circle(at.0, at.1, radius * 4.5), glow);
    let disc = s.round(&[(0.0, rgb(0xFF_FD_F0)), (0.7, rgb(0xE6_E2_D2)), (1.0, rgb(0xB9_BA_C2))]);
    s.draw_as("Moon", &Outline::circle(at.0, at.1, radius), disc.as_str());
    for (x, y, r) in [(-0.3, -0.2, 0.24), (0.25, 0.15, 0.3), (-0.15, 0.45, 0.16), (0.35, -0.4, 0.13)] {
        let crater = Outline::circle(at.0 + x * radius, at.1 + y * radius, r * radius);
        s.draw(&crater, Paint::from(rgb(0xA9_AA_B8)).opacity(0.35));
    }
}

/// Stars down to `bottom`; the brightest few are regions.
pub(in crate::server::demo) fn stars(s: &mut Scene, count: usize, bright: usize, bottom: f64) {
    let unit = s.unit();
    for _ in 0..count {
        let at = (s.random.range(0.0, s.width), s.random.range(0.0, bottom));
        let (radius, opacity) = (unit * s.random.range(0.0006, 0.0018), s.random.range(0.3, 1.0));
        let tint = s.random.pick(&[rgb(0xFF_FF_FF), rgb(0xCF_DD_FF), rgb(0xFF_EB_CF)]);
        s.draw(&Outline::circle(at.0, at.1, radius), Paint::from(tint).opacity(opacity));
    }
    for _ in 0..bright {
        let at = (s.random.range(0.04, 0.96) * s.width, s.random.range(0.04, 0.9) * bottom);
        let radius = unit * s.random.range(0.004, 0.008);
        let glow = s.glow(rgb(0xDD_E8_FF), 0.8);
        s.draw(&Outline::circle(at.0, at.1, radius * 4.0), glow);
        s.draw(&Outline::star(at.0, at.1, radius * 1.6, 4), rgb(0xFF_FF_FF));
        s.point("Star", at);
    }
}

/// A cloud of heaps on a flat base.
pub(in crate::server::demo) fn cloud(s: &mut Scene, light: &Light, at: Place, width: f64) {
    let puffs = s.random.count(5, 7);
    let mut heaps: Vec<Place> = vec![(-0.5, 0.0)];
    for puff in 0..=puffs {
        let t = puff as f64 / puffs as f64;
        let lift = (t * std::f64::consts::PI).sin();
        let height = -0.06 - 0.22 * lift * s.random.range(0.75, 1.15) - if puff % 2 == 0 { 0.05 } else { 0.0 };
        heaps.push((-0.46 + 0.92 * t, height));
    }
    heaps.extend([(0.5, 0.0), (0.3, 0.035), (-0.3, 0.035)]);
    s.placed(at, width, 0.0, |s| {
        let under = light.cloud.mix(light.sky[1], 0.45);
        let paint = s.down(&[(0.0, light.cloud.lighter(0.3)), (0.6, light.cloud), (1.0, under)]);
        let soft = Outline::blob(&heaps);
        s.draw(&soft, Paint::from(paint.as_str()).opacity(0.5).blur(0.02));
        s.draw_as("Cloud", &soft, Paint::from(paint.as_str()).opacity(0.88));
    });
}

/// A bird far away: two wings in one stroke.
pub(in crate::server::demo) fn bird(s: &mut Scene, object: &str, colour: Colour, at: Place, span: f64) {
    let (dip, tilt) = (s.random.range(0.10, 0.2), s.random.range(-14.0, 14.0));
    s.placed(at, span, tilt, |s| {
        let wings = Outline::from((-0.5, -dip)).curve_to((-0.3, -0.26), (-0.1, -0.16), (0.0, 0.0)).curve_to(
            (0.1, -0.16),
            (0.3, -0.26),
            (0.5, -dip),
        );
        s.draw(&wings, Paint::line(colour, 0.055));
        s.mark(object, &wings);
    });
}

/// A loose flock.
pub(in crate::server::demo) fn flock(s: &mut Scene, object: &str, colour: Colour, centre: Place, count: usize) {
    let unit = s.unit();
    for _ in 0..count {
        let at = (centre.0 + s.random.range(-0.2, 0.2) * unit, centre.1 + s.random.range(-0.1, 0.1) * unit);
        let span = unit * s.random.range(0.03, 0.055);
        bird(s, object, colour, at, span);
    }
}

/// Darkens the corners a little, as lenses do: it holds a picture together.
pub(in crate::server::demo) fn vignette(s: &mut Scene) {
    let (w, h) = (s.width, s.height);
    let edge = s.glow(rgb(0xFF_FF_FF), 0.10);
    s.draw(&Outline::ellipse(w * 0.5, h * 0.42, w * 0.75, h * 0.8), edge);
}
