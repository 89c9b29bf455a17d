//! Cars, sailing boats, balloons, rockets.

use super::sky::Light;
use crate::server::demo::colour::rgb;
use crate::server::demo::outline::{Outline, Place};
use crate::server::demo::scene::{Paint, Scene};

fn wheel(s: &mut Scene, light: &Light, x: f64, y: f64, radius: f64) {
    s.boxed("Wheel", |s| {
        s.draw(&Outline::circle(x, y, radius), rgb(0x1E_20_26));
        let rim = s.round(&[(0.0, light.on(rgb(0xF2_F4_F6), 0.0)), (1.0, light.on(rgb(0x8A_90_9A), 0.0))]);
        s.draw(&Outline::circle(x, y, radius * 0.58), rim.as_str());
        for spoke in 0..5 {
            let angle = (f64::from(spoke) * 72.0).to_radians();
            let end = (x + radius * 0.5 * angle.cos(), y + radius * 0.5 * angle.sin());
            s.draw(&Outline::polyline(&[(x, y), end]), Paint::line(rgb(0x50_56_60), radius * 0.1));
        }
        s.draw(&Outline::circle(x, y, radius * 0.14), rgb(0x30_34_3C));
    });
    s.point("Wheel hub", (x, y));
}

/// A car of `length`, seen from the side; the middle of its foot at `foot`.
pub(in crate::server::demo) fn car(s: &mut Scene, light: &Light, foot: Place, length: f64, mirrored: bool) {
    let paint = s.random.pick(&[
        rgb(0xC9_3A_3A),
        rgb(0x2F_6F_B8),
        rgb(0xE8_B8_3A),
        rgb(0x3F_8F_6A),
        rgb(0xE9_EC_EE),
        rgb(0x4A_4F_5E),
        rgb(0x7FB8C8),
    ]);
    let scale = if mirrored { -length } else { length };
    s.placed(foot, scale, 0.0, |s| {
        s.shadow(0.0, 0.0, 0.54, 0.04, 0.5);
        if light.dusk > 0.2 {
            s.draw(
                &Outline::polygon(&[(0.48, -0.17), (1.15, -0.1), (1.15, 0.02), (0.48, -0.13)]),
                Paint::from(rgb(0xFF_F0_C0)).opacity(0.4).blur(0.03),
            );
        }
        s.boxed("Car", |s| {
            let body = Outline::from((-0.49, -0.1))
                .curve_to((-0.51, -0.2), (-0.49, -0.25), (-0.42, -0.26))
                .curve_to((-0.35, -0.27), (-0.33, -0.27), (-0.3, -0.28))
                .curve_to((-0.24, -0.4), (-0.19, -0.43), (-0.08, -0.43))
                .curve_to((0.05, -0.43), (0.12, -0.41), (0.22, -0.28))
                .curve_to((0.36, -0.26), (0.47, -0.24), (0.49, -0.17))
                .line_to((0.5, -0.1))
                .curve_to((0.5, -0.07), (0.48, -0.06), (0.45, -0.06))
                .line_to((-0.46, -0.06))
                .curve_to((-0.48, -0.06), (-0.49, -0.08), (-0.49, -0.1))
                .close();
            let colour = light.on(paint, 0.0);
            let shine = s.down(&[(0.0, colour.lighter(0.4)), (0.45, colour), (1.0, colour.darker(0.4))]);
            s.draw_as("Car", &body, shine.as_str());
            let glass = s.down(&[(0.0, light.sky[1].lighter(0.3)), (1.0, light.on(rgb(0x3A_4A_5C), 0.0))]);
            for pane in [
                Outline::from((-0.25, -0.28))
                    .curve_to((-0.2, -0.37), (-0.17, -0.4), (-0.08, -0.4))
                    .line_to((-0.05, -0.4))
                    .line_to((-0.05, -0.28))
                    .close(),
                Outline::from((-0.02, -0.28))
                    .line_to((-0.02, -0.4))
                    .curve_to((0.06, -0.4), (0.1, -0.37), (0.17, -0.28))
                    .close(),
            ] {
                s.draw(&pane, glass.as_str());
            }
            s.draw(
                &Outline::polyline(&[(-0.035, -0.27), (-0.035, -0.1)]),
                Paint::line(colour.darker(0.5), 0.005).opacity(0.7),
            );
            s.draw(&Outline::polyline(&[(0.0, -0.235), (0.05, -0.235)]), Paint::line(colour.darker(0.5), 0.012));
            s.draw(&Outline::ellipse(0.465, -0.18, 0.022, 0.026), rgb(0xFF_F6_D8));
            s.draw(&Outline::ellipse(-0.475, -0.2, 0.014, 0.028), rgb(0xD8_30_30));
            for x in [-0.29, 0.3] {
                s.draw(&Outline::circle(x, -0.085, 0.108), rgb(0x18_1A_20));
                wheel(s, light, x, -0.085, 0.088);
            }
        });
    });
}

/// A sailing boat, its waterline at `at`, `height` to the top of the mast.
pub(in crate::server::demo) fn sailing_boat(s: &mut Scene, light: &Light, at: Place, height: f64, mirrored: bool) {
    let hull = s.random.pick(&[rgb(0xF6_F2_E8), rgb(0x9A_3B_36), rgb(0x2F_4F_78), rgb(0x8A_5A_38)]);
    let sail = s.random.pick(&[rgb(0xFF_FD_F4), rgb(0xF8_E8_C8), rgb(0xE8_6A_50), rgb(0xF4_C0_4A)]);
    let lean = s.random.range(-4.0, 4.0);
    let scale = if mirrored { -height } else { height };
    s.placed(at, scale, lean, |s| {
        s.draw(&Outline::ellipse(0.0, 0.06, 0.36, 0.03), Paint::from(light.cloud).opacity(0.3).blur(0.012));
        s.boxed("Sailing boat", |s| {
            let wood = light.on(rgb(0x6A_4A_36), 0.0);
            s.draw(&Outline::polyline(&[(0.0, 0.0), (0.0, -0.98)]), Paint::line(wood, 0.016));
            let main = Outline::from((-0.02, -0.95))
                .curve_to((-0.2, -0.6), (-0.3, -0.35), (-0.34, -0.1))
                .curve_to((-0.22, -0.07), (-0.1, -0.08), (-0.02, -0.1))
                .close();
            let fore = Outline::from((0.02, -0.88))
                .curve_to((0.18, -0.55), (0.27, -0.3), (0.32, -0.08))
                .curve_to((0.2, -0.1), (0.1, -0.12), (0.03, -0.13))
                .close();
            for (cloth, tone) in [(main, 0.0), (fore, 0.08)] {
                let colour = light.on(sail.darker(tone), 0.0);
                let paint = s.across(&[(0.0, colour.darker(0.15)), (0.6, colour.lighter(0.15)), (1.0, colour)]);
                s.draw(&cloth, paint.as_str());
            }
            let shell = Outline::from((-0.34, -0.04))
                .line_to((0.38, -0.05))
                .curve_to((0.32, 0.04), (0.26, 0.07), (0.2, 0.07))
                .line_to((-0.22, 0.07))
                .curve_to((-0.29, 0.06), (-0.33, 0.02), (-0.34, -0.04))
                .close();
            let colour = light.on(hull, 0.0);
            let paint = s.down(&[(0.0, colour.lighter(0.2)), (1.0, colour.darker(0.4))]);
            s.draw(&shell, paint.as_str());
            s.draw(
                &Outline::polyline(&[(-0.335, -0.025), (0.36, -0.033)]),
                Paint::line(light.on(rgb(0xD0_A0_50), 0.0), 0.012),
            );
            s.draw(&Outline::polygon(&[(0.0, -0.98), (0.1, -0.955), (0.0, -0.93)]), rgb(0xD8_40_40));
        });
    });
}

/// A hot-air balloon of `height` with its basket.
pub(in crate::server::demo) fn balloon(s: &mut Scene, light: &Light, at: Place, height: f64) {
    let palettes = [
        [rgb(0xE8_4A_4A), rgb(0xFF_D0_50)],
        [rgb(0x3F_7F_D0), rgb(0xF4_F0_E4)],
        [rgb(0x8A_4F_C0), rgb(0xF7_9A_B8)],
        [rgb(0x2F_9A_88), rgb(0xF4_E0_80)],
        [rgb(0xF2_7A_2E), rgb(0x5A_3A_80)],
    ];
    let colours = s.random.pick(&palettes);
    s.placed(at, height, 0.0, |s| {
        s.boxed("Hot-air balloon", |s| {
            // Gores from the outside in, each narrower: together they look round.
            let gores = [1.0, 0.78, 0.5, 0.2];
            for (index, width) in gores.into_iter().enumerate() {
                let colour = light.on(colours[index % 2], 0.0);
                let w = 0.36 * width;
                let gore = Outline::from((0.0, -1.0))
                    .curve_to((w * 1.36, -1.0), (w * 1.36, -0.56), (w * 0.33, -0.27))
                    .line_to((-w * 0.33, -0.27))
                    .curve_to((-w * 1.36, -0.56), (-w * 1.36, -1.0), (0.0, -1.0))
                    .close();
                let paint = s.round(&[(0.0, colour.lighter(0.35)), (0.55, colour), (1.0, colour.darker(0.3))]);
                if index == 0 {
                    s.draw_as("Hot-air balloon", &gore, paint.as_str());
                } else {
                    s.draw(&gore, paint.as_str());
                }
            }
            let rope = Paint::line(light.on(rgb(0x5A_48_38), 0.0), 0.006);
            for side in [-1.0, 1.0] {
                s.draw(&Outline::polyline(&[(side * 0.11, -0.27), (side * 0.05, -0.12)]), rope.clone());
            }
            let glow = s.glow(rgb(0xFF_C8_50), 0.9);
            s.draw(&Outline::circle(0.0, -0.22, 0.07), glow);
            s.placed((0.0, 0.0), 1.0, 0.0, |s| {
                let paint = s.across(&[(0.0, light.on(rgb(0xB8_86_50), 0.0)), (1.0, light.on(rgb(0x6A_46_2A), 0.0))]);
                s.draw(&Outline::round_rect(-0.06, -0.12, 0.12, 0.11, 0.02), paint.as_str());
            });
        });
    });
}

/// A rocket of `length` with its flame, flying along its nose.
pub(in crate::server::demo) fn rocket(s: &mut Scene, at: Place, length: f64, degrees: f64) {
    s.placed(at, length, degrees, |s| {
        let trail = s.glow(rgb(0xFF_B0_50), 0.8);
        s.draw(&Outline::ellipse(0.0, 0.8, 0.18, 0.5), trail);
        s.boxed("Rocket", |s| {
            for (half, end, colour) in [(0.1, 0.92, rgb(0xF2_6A_2E)), (0.06, 0.76, rgb(0xFF_D8_60))] {
                s.draw(
                    &Outline::from((-half, 0.46))
                        .curve_to((-half * 1.6, 0.66), (-half * 0.3, end * 0.9), (0.0, end))
                        .curve_to((half * 0.3, end * 0.9), (half * 1.6, 0.66), (half, 0.46))
                        .close(),
                    colour,
                );
            }
            for side in [-1.0, 1.0] {
                let fin = Outline::from((side * 0.12, 0.1))
                    .curve_to((side * 0.28, 0.22), (side * 0.3, 0.4), (side * 0.28, 0.54))
                    .curve_to((side * 0.22, 0.46), (side * 0.16, 0.42), (side * 0.1, 0.42))
                    .close();
                s.draw(&fin, rgb(0xC8_38_38));
            }
            let body = Outline::from((0.0, -0.5))
                .curve_to((0.14, -0.36), (0.19, -0.1), (0.12, 0.46))
                .line_to((-0.12, 0.46))
                .curve_to((-0.19, -0.1), (-0.14, -0.36), (0.0, -0.5))
                .close();
            let paint = s.across(&[(0.0, rgb(0xFF_FF_FF)), (0.5, rgb(0xE4_E8_EE)), (1.0, rgb(0x8A_94_A8))]);
            s.draw_as("Rocket", &body, paint.as_str());
            s.draw(
                &Outline::from((0.0, -0.5))
                    .curve_to((0.07, -0.43), (0.1, -0.36), (0.125, -0.27))
                    .line_to((-0.125, -0.27))
                    .curve_to((-0.1, -0.36), (-0.07, -0.43), (0.0, -0.5))
                    .close(),
                rgb(0xC8_38_38),
            );
            s.boxed("Window", |s| {
                let glass = s.round(&[(0.0, rgb(0xC8_F0_FF)), (1.0, rgb(0x2A_6A_98))]);
                s.draw(&Outline::circle(0.0, -0.08, 0.065), Paint::from(glass.as_str()).edged(rgb(0x70_78_88), 0.02));
            });
        });
    });
}
