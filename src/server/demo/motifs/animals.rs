//! Cats, sheep, fish, jellyfish, butterflies, starfish.

use super::sky::Light;
use crate::server::demo::colour::{Colour, rgb};
use crate::server::demo::outline::{Outline, Place};
use crate::server::demo::scene::{Paint, Scene};

/// A sitting cat of `height`, facing the viewer. Its outline is a polygon, its eyes are points.
pub(in crate::server::demo) fn cat(s: &mut Scene, light: &Light, foot: Place, height: f64, mirrored: bool) {
    let fur = s.random.pick(&[rgb(0xD9_8A_45), rgb(0x6E_6A_72), rgb(0x35_33_3A), rgb(0xE9_D9_C0), rgb(0x8A_6A_50)]);
    let iris = s.random.pick(&[rgb(0xB8_D0_4A), rgb(0xF0_B8_3A), rgb(0x7F_C8_D8)]);
    let scale = if mirrored { -height } else { height };
    s.placed(foot, scale, 0.0, |s| {
        s.shadow(0.0, 0.0, 0.4, 0.05, 0.35);
        let body = light.on(fur, 0.0);
        let dark = light.on(fur.darker(0.35), 0.0);
        s.boxed("Cat", |s| {
            let outline = Outline::from((-0.2, -0.62))
                .curve_to((-0.22, -0.72), (-0.25, -0.88), (-0.22, -0.99))
                .curve_to((-0.15, -0.96), (-0.11, -0.92), (-0.07, -0.87))
                .curve_to((-0.02, -0.885), (0.05, -0.885), (0.1, -0.87))
                .curve_to((0.13, -0.92), (0.18, -0.97), (0.24, -0.99))
                .curve_to((0.27, -0.88), (0.25, -0.72), (0.22, -0.62))
                .curve_to((0.31, -0.45), (0.33, -0.2), (0.31, -0.05))
                .curve_to((0.45, -0.03), (0.6, -0.08), (0.6, -0.2))
                .curve_to((0.6, -0.28), (0.51, -0.29), (0.5, -0.21))
                .curve_to((0.5, -0.13), (0.42, -0.12), (0.33, -0.13))
                .line_to((0.31, 0.0))
                .line_to((-0.28, 0.0))
                .curve_to((-0.33, -0.2), (-0.3, -0.45), (-0.2, -0.62))
                .close();
            let paint = s.round(&[(0.0, body.lighter(0.25)), (0.55, body), (1.0, dark)]);
            s.draw_as("Cat", &outline, paint.as_str());
            // Chest and paws.
            s.draw(&Outline::ellipse(0.0, -0.36, 0.12, 0.2), Paint::from(body.lighter(0.45)).opacity(0.5).blur(0.02));
            for x in [-0.12, 0.12] {
                s.draw(&Outline::ellipse(x, -0.035, 0.085, 0.045), body.lighter(0.3));
                s.draw(&Outline::polyline(&[(x, -0.3), (x, -0.07)]), Paint::line(dark, 0.012).opacity(0.5));
            }
            // Stripes on forehead and flank.
            for (from, to) in [
                ((-0.05, -0.86), (-0.04, -0.79)),
                ((0.015, -0.87), (0.015, -0.79)),
                ((0.08, -0.86), (0.07, -0.79)),
                ((0.29, -0.42), (0.2, -0.4)),
                ((0.31, -0.3), (0.21, -0.29)),
                ((-0.27, -0.36), (-0.18, -0.35)),
            ] {
                s.draw(&Outline::polyline(&[from, to]), Paint::line(dark, 0.022).opacity(0.7));
            }
            for (tip, base) in [((-0.19, -0.93), (-0.14, -0.86)), ((0.21, -0.93), (0.16, -0.86))] {
                let inner =
                    Outline::polygon(&[tip, (base.0, base.1), (base.0 + (tip.0 - base.0) * 1.1, base.1 + 0.05)]);
                s.draw(&inner, Paint::from(rgb(0xE8_A0_98)).opacity(0.8));
            }
            s.draw(&Outline::ellipse(0.015, -0.665, 0.075, 0.05), Paint::from(body.lighter(0.5)).opacity(0.8));
            s.draw(&Outline::polygon(&[(-0.012, -0.7), (0.042, -0.7), (0.015, -0.672)]), rgb(0xC8_6A_6A));
            let mouth = Outline::from((-0.035, -0.648))
                .curve_to((-0.02, -0.63), (0.01, -0.635), (0.015, -0.668))
                .curve_to((0.02, -0.635), (0.05, -0.63), (0.065, -0.648));
            s.draw(&mouth, Paint::line(dark.darker(0.4), 0.008));
            for side in [-1.0, 1.0] {
                for lift in [-0.03, 0.0, 0.03] {
                    let whisker = Outline::polyline(&[
                        (0.015 + side * 0.07, -0.665 + lift * 0.4),
                        (0.015 + side * 0.26, -0.675 + lift * 1.6),
                    ]);
                    s.draw(&whisker, Paint::line(rgb(0xFF_FF_FF), 0.005).opacity(0.7));
                }
            }
            for x in [-0.085, 0.115] {
                s.draw(&Outline::ellipse(x, -0.77, 0.048, 0.042), Paint::from(iris).edged(dark.darker(0.5), 0.01));
                s.draw(&Outline::ellipse(x, -0.77, 0.014, 0.036), rgb(0x10_10_14));
                s.draw(&Outline::circle(x + 0.014, -0.785, 0.009), rgb(0xFF_FF_FF));
            }
        });
        s.point("Eye", (-0.085, -0.77));
        s.point("Eye", (0.115, -0.77));
    });
}

/// A sheep in a meadow.
pub(in crate::server::demo) fn sheep(s: &mut Scene, light: &Light, foot: Place, size: f64, mirrored: bool) {
    let wool: Vec<Place> = (0..14)
        .map(|step| {
            let angle = f64::from(step) / 14.0 * std::f64::consts::TAU;
            let r = if step % 2 == 0 { 1.0 } else { 0.9 } * s.random.range(0.96, 1.04);
            (0.4 * r * angle.cos(), -0.48 + 0.27 * r * angle.sin())
        })
        .collect();
    let scale = if mirrored { -size } else { size };
    s.placed(foot, scale, 0.0, |s| {
        s.shadow(0.0, 0.0, 0.45, 0.05, 0.3);
        s.boxed("Sheep", |s| {
            let dark = light.on(rgb(0x3B_36_3A), 0.0);
            for x in [-0.24, -0.12, 0.12, 0.23] {
                s.draw(&Outline::polyline(&[(x, -0.3), (x, -0.02)]), Paint::line(dark, 0.055));
            }
            let white = light.on(rgb(0xFA_F6_EC), 0.0);
            let paint =
                s.round(&[(0.0, white.lighter(0.4)), (0.6, white), (1.0, white.mix(light.sky[0], 0.35).darker(0.15))]);
            s.draw(&Outline::blob(&wool), paint.as_str());
            s.draw(&Outline::ellipse(0.52, -0.62, 0.085, 0.13), dark);
            s.draw(&Outline::blob(&[(0.4, -0.72), (0.46, -0.8), (0.54, -0.8), (0.57, -0.73), (0.5, -0.69)]), white);
            s.draw(&Outline::ellipse(0.42, -0.66, 0.06, 0.025), dark);
            s.draw(&Outline::circle(0.545, -0.645, 0.016), rgb(0xFF_FF_FF));
        });
        s.point("Eye", (0.545, -0.645));
    });
}

/// A fish seen from the side: its body is a polygon, its eye a point.
pub(in crate::server::demo) fn fish(s: &mut Scene, at: Place, length: f64, mirrored: bool) {
    let (body, stripe) = s.random.pick(&[
        (rgb(0xFF_8A_3C), rgb(0xFF_FF_FF)),
        (rgb(0xF7_CF_3F), rgb(0x2B_6A_B0)),
        (rgb(0x5B_8D_EE), rgb(0xF8_E0_60)),
        (rgb(0xE8_5A_78), rgb(0xFF_D0_D8)),
        (rgb(0x4C_C2_A8), rgb(0xE0_FF_F0)),
    ]);
    let tilt = s.random.range(-10.0, 10.0);
    let scale = if mirrored { -length } else { length };
    s.placed(at, scale, tilt, |s| {
        s.boxed("Fish", |s| {
            let fin = s.down(&[(0.0, body.lighter(0.2)), (1.0, body.darker(0.25))]);
            s.draw(
                &Outline::from((-0.08, -0.17)).curve_to((0.0, -0.33), (0.14, -0.3), (0.18, -0.12)).close(),
                fin.as_str(),
            );
            s.draw(
                &Outline::from((-0.02, 0.16)).curve_to((0.02, 0.28), (0.1, 0.28), (0.12, 0.14)).close(),
                fin.as_str(),
            );
            let outline = Outline::from((0.5, 0.0))
                .curve_to((0.38, -0.16), (0.12, -0.24), (-0.1, -0.18))
                .curve_to((-0.2, -0.14), (-0.26, -0.06), (-0.32, -0.03))
                .curve_to((-0.38, -0.1), (-0.44, -0.18), (-0.52, -0.2))
                .curve_to((-0.46, -0.06), (-0.46, 0.06), (-0.52, 0.2))
                .curve_to((-0.44, 0.18), (-0.38, 0.1), (-0.32, 0.03))
                .curve_to((-0.26, 0.06), (-0.2, 0.14), (-0.1, 0.18))
                .curve_to((0.12, 0.24), (0.38, 0.16), (0.5, 0.0))
                .close();
            let paint = s.down(&[(0.0, body.lighter(0.25)), (0.5, body), (1.0, body.darker(0.3))]);
            s.draw_as("Fish", &outline, paint.as_str());
            for x in [0.22, -0.02] {
                let band = Outline::from((x, -0.19))
                    .curve_to((x + 0.07, -0.08), (x + 0.07, 0.08), (x, 0.19))
                    .line_to((x - 0.06, 0.18))
                    .curve_to((x - 0.01, 0.08), (x - 0.01, -0.08), (x - 0.06, -0.18))
                    .close();
                s.draw(&band, Paint::from(stripe).opacity(0.85));
            }
            s.draw(
                &Outline::from((0.1, 0.03))
                    .curve_to((0.0, 0.04), (-0.06, 0.1), (-0.06, 0.14))
                    .curve_to((0.02, 0.13), (0.1, 0.1), (0.1, 0.03))
                    .close(),
                body.darker(0.2),
            );
            s.draw(&Outline::circle(0.36, -0.05, 0.035), rgb(0xFF_FF_FF));
            s.draw(&Outline::circle(0.368, -0.05, 0.019), rgb(0x10_14_20));
        });
        s.point("Eye", (0.365, -0.05));
    });
}

/// A jellyfish with trailing arms.
pub(in crate::server::demo) fn jellyfish(s: &mut Scene, at: Place, size: f64) {
    let tint = s.random.pick(&[rgb(0xF7_A8_D8), rgb(0xC8_B0_FF), rgb(0xA8_E8_F8)]);
    let sways: Vec<f64> = (0..6).map(|_| s.random.range(-0.12, 0.12)).collect();
    s.placed(at, size, 0.0, |s| {
        let glow = s.glow(tint, 0.5);
        s.draw(&Outline::circle(0.0, 0.0, 0.9), glow);
        s.boxed("Jellyfish", |s| {
            for (index, sway) in sways.iter().enumerate() {
                let x = -0.25 + 0.1 * index as f64;
                let arm = Outline::smooth(&[(x, 0.05), (x + sway, 0.3), (x - sway, 0.55), (x + sway * 0.7, 0.8)]);
                s.draw(&arm, Paint::line(tint.lighter(0.3), 0.025).opacity(0.7));
            }
            let bell = Outline::from((-0.36, 0.06))
                .curve_to((-0.38, -0.42), (0.38, -0.42), (0.36, 0.06))
                .curve_to((0.27, 0.0), (0.2, 0.12), (0.12, 0.05))
                .curve_to((0.05, 0.0), (-0.05, 0.0), (-0.12, 0.05))
                .curve_to((-0.2, 0.12), (-0.27, 0.0), (-0.36, 0.06))
                .close();
            let paint = s.round(&[(0.0, tint.lighter(0.7)), (0.5, tint), (1.0, tint.darker(0.25))]);
            s.draw(&bell, Paint::from(paint.as_str()).opacity(0.9));
        });
    });
}

/// A butterfly with open wings.
pub(in crate::server::demo) fn butterfly(s: &mut Scene, at: Place, size: f64) {
    let wing = s.random.pick(&[rgb(0xF2_8C_28), rgb(0x4D_8F_E0), rgb(0xF4_D0_3F), rgb(0xD8_5A_9A)]);
    let turn = s.random.range(-35.0, 35.0);
    s.placed(at, size, turn, |s| {
        s.boxed("Butterfly", |s| {
            for side in [-1.0, 1.0] {
                let upper = Outline::from((0.0, -0.05))
                    .curve_to((side * 0.15, -0.45), (side * 0.5, -0.5), (side * 0.5, -0.28))
                    .curve_to((side * 0.5, -0.05), (side * 0.25, 0.05), (0.0, 0.02))
                    .close();
                let lower = Outline::from((0.0, 0.0))
                    .curve_to((side * 0.25, 0.0), (side * 0.42, 0.12), (side * 0.34, 0.3))
                    .curve_to((side * 0.25, 0.42), (side * 0.05, 0.3), (0.0, 0.08))
                    .close();
                let paint = s.round(&[(0.0, wing.lighter(0.35)), (1.0, wing.darker(0.1))]);
                for part in [lower, upper] {
                    s.draw(&part, Paint::from(paint.as_str()).edged(rgb(0x2A_20_26), 0.025));
                }
                s.draw(&Outline::circle(side * 0.36, -0.3, 0.05), Paint::from(rgb(0xFF_FF_FF)).opacity(0.85));
                s.draw(&Outline::circle(side * 0.24, 0.2, 0.04), Paint::from(rgb(0xFF_FF_FF)).opacity(0.7));
                s.draw(
                    &Outline::from((0.0, -0.16)).curve_to(
                        (side * 0.03, -0.26),
                        (side * 0.08, -0.3),
                        (side * 0.12, -0.32),
                    ),
                    Paint::line(rgb(0x2A_20_26), 0.014),
                );
            }
            s.draw(&Outline::ellipse(0.0, 0.02, 0.03, 0.2), rgb(0x2A_20_26));
        });
    });
}

/// A starfish on the sea floor.
pub(in crate::server::demo) fn starfish(s: &mut Scene, at: Place, size: f64, colour: Colour) {
    let turn = s.random.range(0.0, 72.0);
    s.placed(at, size, turn, |s| {
        s.shadow(0.03, 0.05, 0.5, 0.45, 0.3);
        let arms = Outline::star(0.0, 0.0, 0.5, 5).flatten();
        let paint = s.round(&[(0.0, colour.lighter(0.35)), (1.0, colour.darker(0.25))]);
        s.draw_as("Starfish", &Outline::blob(&arms), paint.as_str());
        for arm in 0..5 {
            let angle = (f64::from(arm) * 72.0 - 90.0).to_radians();
            for step in 1..4 {
                let r = 0.1 * f64::from(step);
                s.draw(
                    &Outline::circle(r * angle.cos(), r * angle.sin(), 0.022),
                    Paint::from(colour.lighter(0.6)).opacity(0.8),
                );
            }
        }
    });
}
