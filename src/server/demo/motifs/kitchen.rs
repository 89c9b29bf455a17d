//! Fruit, bowls, vases: what lies on tables.

use crate::server::demo::colour::{Colour, rgb};
use crate::server::demo::outline::{Outline, Place};
use crate::server::demo::scene::{Paint, Scene};

fn highlight(s: &mut Scene, x: f64, y: f64, rx: f64, ry: f64) {
    s.draw(&Outline::ellipse(x, y, rx, ry), Paint::from(rgb(0xFF_FF_FF)).opacity(0.45).blur(rx * 0.4));
}

/// An apple, `size` wide; the middle of its foot at `foot`.
pub(in crate::server::demo) fn apple(s: &mut Scene, foot: Place, size: f64) {
    let (light, dark) = s.random.pick(&[
        (rgb(0xF0_5A_48), rgb(0x9A_1E_28)),
        (rgb(0xC8_DC_5A), rgb(0x6A_8A_28)),
        (rgb(0xF4_C0_58), rgb(0xC0_5A_2A)),
    ]);
    s.placed(foot, size, 0.0, |s| {
        s.shadow(0.06, -0.01, 0.48, 0.08, 0.4);
        s.boxed("Apple", |s| {
            let outline = Outline::from((0.0, -0.8))
                .curve_to((0.16, -0.95), (0.5, -0.88), (0.5, -0.5))
                .curve_to((0.5, -0.2), (0.28, 0.04), (0.1, 0.0))
                .curve_to((0.04, -0.02), (-0.04, -0.02), (-0.1, 0.0))
                .curve_to((-0.28, 0.04), (-0.5, -0.2), (-0.5, -0.5))
                .curve_to((-0.5, -0.88), (-0.16, -0.95), (0.0, -0.8))
                .close();
            let paint = s.round(&[(0.0, light.lighter(0.25)), (0.5, light), (1.0, dark)]);
            s.draw_as("Apple", &outline, paint.as_str());
            s.draw(
                &Outline::from((0.0, -0.78)).curve_to((0.0, -0.9), (0.04, -0.98), (0.1, -1.04)),
                Paint::line(rgb(0x5A_3C_28), 0.04),
            );
            let leaf = Outline::from((0.05, -0.93))
                .curve_to((0.15, -1.08), (0.32, -1.08), (0.4, -1.0))
                .curve_to((0.3, -0.9), (0.16, -0.88), (0.05, -0.93))
                .close();
            s.draw(&leaf, rgb(0x5E_9A_3C));
            highlight(s, -0.2, -0.62, 0.1, 0.14);
        });
    });
}

/// An orange.
pub(in crate::server::demo) fn orange(s: &mut Scene, foot: Place, size: f64) {
    s.placed(foot, size, 0.0, |s| {
        s.shadow(0.06, -0.01, 0.46, 0.08, 0.4);
        s.boxed("Orange", |s| {
            let paint = s.round(&[(0.0, rgb(0xFF_C8_6A)), (0.5, rgb(0xF5_8F_1E)), (1.0, rgb(0xB8_56_10))]);
            s.draw_as("Orange", &Outline::circle(0.0, -0.47, 0.47), paint.as_str());
            for dot in 0..26 {
                let (angle, r) = (f64::from(dot) * 2.4, 0.08 * f64::from(dot % 6));
                s.draw(
                    &Outline::circle(r * angle.cos(), -0.47 + r * angle.sin(), 0.012),
                    Paint::from(rgb(0xC8_64_12)).opacity(0.35),
                );
            }
            s.draw(&Outline::star(0.06, -0.88, 0.05, 5), rgb(0x4E_7A_30));
            highlight(s, -0.17, -0.64, 0.1, 0.1);
        });
    });
}

/// A pear.
pub(in crate::server::demo) fn pear(s: &mut Scene, foot: Place, size: f64) {
    let tilt = s.random.range(-8.0, 8.0);
    s.placed(foot, size, tilt, |s| {
        s.shadow(0.06, -0.01, 0.44, 0.08, 0.4);
        s.boxed("Pear", |s| {
            let outline = Outline::from((0.0, -1.2))
                .curve_to((0.18, -1.2), (0.18, -0.95), (0.24, -0.78))
                .curve_to((0.32, -0.6), (0.47, -0.52), (0.47, -0.32))
                .curve_to((0.47, -0.05), (0.2, 0.02), (0.0, 0.0))
                .curve_to((-0.2, 0.02), (-0.47, -0.05), (-0.47, -0.32))
                .curve_to((-0.47, -0.52), (-0.32, -0.6), (-0.24, -0.78))
                .curve_to((-0.18, -0.95), (-0.18, -1.2), (0.0, -1.2))
                .close();
            let paint = s.round(&[(0.0, rgb(0xEE_E8_8A)), (0.5, rgb(0xC4_C8_48)), (1.0, rgb(0x7A_84_28))]);
            s.draw_as("Pear", &outline, paint.as_str());
            s.draw(
                &Outline::from((0.0, -1.18)).curve_to((0.0, -1.28), (0.04, -1.34), (0.08, -1.38)),
                Paint::line(rgb(0x5A_3C_28), 0.04),
            );
            highlight(s, -0.16, -0.5, 0.09, 0.18);
        });
    });
}

/// A banana, lying.
pub(in crate::server::demo) fn banana(s: &mut Scene, foot: Place, size: f64, mirrored: bool) {
    let scale = if mirrored { -size } else { size };
    s.placed(foot, scale, 0.0, |s| {
        s.shadow(0.0, -0.01, 0.7, 0.07, 0.35);
        s.boxed("Banana", |s| {
            let outline = Outline::from((-0.82, -0.52))
                .curve_to((-0.68, -0.2), (-0.35, 0.0), (0.05, 0.0))
                .curve_to((0.42, 0.0), (0.7, -0.18), (0.84, -0.5))
                .line_to((0.76, -0.54))
                .curve_to((0.55, -0.34), (0.3, -0.26), (0.05, -0.26))
                .curve_to((-0.25, -0.26), (-0.5, -0.36), (-0.7, -0.58))
                .close();
            let paint = s.down(&[(0.0, rgb(0xFF_EE_8A)), (0.5, rgb(0xF8_D4_38)), (1.0, rgb(0xB8_8A_18))]);
            s.draw_as("Banana", &outline, paint.as_str());
            let ridge = Outline::from((-0.74, -0.5)).curve_to((-0.5, -0.2), (-0.2, -0.11), (0.05, -0.11)).curve_to(
                (0.35, -0.11),
                (0.6, -0.24),
                (0.78, -0.5),
            );
            s.draw(&ridge, Paint::line(rgb(0xA8_7C_18), 0.02).opacity(0.6));
            s.draw(&Outline::polygon(&[(-0.82, -0.52), (-0.7, -0.58), (-0.78, -0.7), (-0.86, -0.66)]), rgb(0x7A_6A_28));
            s.draw(&Outline::circle(0.81, -0.53, 0.05), rgb(0x4A_3A_20));
        });
    });
}

/// A bunch of grapes.
pub(in crate::server::demo) fn grapes(s: &mut Scene, foot: Place, size: f64) {
    let (light, dark) = s.random.pick(&[(rgb(0xA8_78_D0), rgb(0x3E_1E_58)), (rgb(0xD4_E0_80), rgb(0x6A_82_28))]);
    s.placed(foot, size, 0.0, |s| {
        s.shadow(0.05, -0.01, 0.55, 0.08, 0.4);
        let mut centres = Vec::new();
        s.boxed("Grapes", |s| {
            for (row, count) in [5, 6, 5, 4, 3].into_iter().enumerate() {
                for number in 0..count {
                    let x = (number as f64 - (count as f64 - 1.0) / 2.0) * 0.19 + s.random.range(-0.02, 0.02);
                    centres.push((x, -0.12 - 0.155 * row as f64 + s.random.range(-0.015, 0.015)));
                }
            }
            for &(x, y) in &centres {
                let paint = s.round(&[(0.0, light.lighter(0.4)), (0.5, light), (1.0, dark)]);
                s.draw(&Outline::circle(x, y, 0.12), paint.as_str());
            }
            s.draw(
                &Outline::from((0.0, -0.8)).curve_to((0.0, -0.9), (0.06, -0.96), (0.14, -1.0)),
                Paint::line(rgb(0x6A_4E_30), 0.035),
            );
        });
    });
}

/// A glazed bowl, `size` wide.
pub(in crate::server::demo) fn bowl(s: &mut Scene, foot: Place, size: f64, glaze: Colour) {
    s.placed(foot, size, 0.0, |s| {
        s.boxed("Bowl", |s| {
            let outline = Outline::from((-0.5, -0.36))
                .curve_to((-0.46, -0.1), (-0.28, 0.0), (-0.16, 0.0))
                .line_to((0.16, 0.0))
                .curve_to((0.28, 0.0), (0.46, -0.1), (0.5, -0.36))
                .curve_to((0.3, -0.3), (-0.3, -0.3), (-0.5, -0.36))
                .close();
            let paint = s.across(&[(0.0, glaze.lighter(0.35)), (0.4, glaze), (1.0, glaze.darker(0.45))]);
            s.draw_as("Bowl", &outline, paint.as_str());
            let band = Outline::from((-0.45, -0.2)).curve_to((-0.2, -0.13), (0.2, -0.13), (0.45, -0.2));
            s.draw(&band, Paint::line(rgb(0xFF_FF_FF), 0.025).opacity(0.6));
        });
    });
}

/// A vase of `height` with a few stems.
pub(in crate::server::demo) fn vase(s: &mut Scene, foot: Place, height: f64, glaze: Colour) {
    s.placed(foot, height, 0.0, |s| {
        s.shadow(0.1, -0.005, 0.3, 0.045, 0.4);
        let stems = [(-0.26, -1.62), (-0.08, -1.8), (0.12, -1.66), (0.28, -1.5)];
        for (x, y) in stems {
            let stem = Outline::from((x * 0.15, -0.9)).curve_to((x * 0.3, -1.2), (x * 0.8, y + 0.3), (x, y));
            s.draw(&stem, Paint::line(rgb(0x4E_84_44), 0.025));
            s.boxed("Flower", |s| {
                let petal = s.random.pick(&[rgb(0xF2_7F_9A), rgb(0xF7_C8_4A), rgb(0xFF_F4_EC), rgb(0xC8_7A_D8)]);
                for number in 0..7 {
                    s.placed((x, y), 1.0, f64::from(number) * 51.4, |s| {
                        let paint = s.down(&[(0.0, petal.lighter(0.3)), (1.0, petal.darker(0.15))]);
                        s.draw(&Outline::ellipse(0.0, -0.085, 0.05, 0.08), paint.as_str());
                    });
                }
                s.draw(&Outline::circle(x, y, 0.05), rgb(0xC8_8A_2A));
            });
        }
        s.boxed("Vase", |s| {
            let outline = Outline::from((-0.12, -0.95))
                .curve_to((-0.08, -0.8), (-0.1, -0.75), (-0.16, -0.68))
                .curve_to((-0.3, -0.52), (-0.32, -0.25), (-0.16, 0.0))
                .line_to((0.16, 0.0))
                .curve_to((0.32, -0.25), (0.3, -0.52), (0.16, -0.68))
                .curve_to((0.1, -0.75), (0.08, -0.8), (0.12, -0.95))
                .close();
            let paint = s.across(&[(0.0, glaze.lighter(0.4)), (0.35, glaze), (1.0, glaze.darker(0.5))]);
            s.draw_as("Vase", &outline, paint.as_str());
            s.draw(&Outline::ellipse(-0.14, -0.42, 0.03, 0.18), Paint::from(rgb(0xFF_FF_FF)).opacity(0.4).blur(0.015));
        });
    });
}
