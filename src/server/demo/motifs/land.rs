//! Hills, mountains, water, and what grows.

use super::sky::Light;
use crate::server::demo::colour::{Colour, rgb};
use crate::server::demo::outline::{Outline, Place};
use crate::server::demo::scene::{Paint, Scene};

/// A range of hills from side to side; gives the ridge so that things can stand on it.
pub(in crate::server::demo) fn hills(s: &mut Scene, y: f64, swing: f64, top: Colour, bottom: Colour) -> Vec<Place> {
    let count = s.random.count(5, 8);
    let phase = s.random.range(0.0, 6.0);
    let ridge: Vec<Place> = (-1..=count as i32 + 1)
        .map(|step| {
            let x = f64::from(step) / count as f64 * s.width;
            let wave = (f64::from(step) * 1.7 + phase).sin() * 0.6 + s.random.range(-0.4, 0.4);
            (x, y + wave * swing)
        })
        .collect();
    let line = Outline::smooth(&ridge);
    let flat = line.flatten();
    let ends = (flat[0].0, flat[flat.len() - 1].0);
    let area = line.line_to((ends.1, s.height + 2.0)).line_to((ends.0, s.height + 2.0)).close();
    let paint = s.down(&[(0.0, top), (0.6, bottom), (1.0, bottom.darker(0.15))]);
    s.draw(&area, paint.as_str());
    flat
}

/// Marks the part of a range of hills that the next range, if there is one, leaves to be seen.
pub(in crate::server::demo) fn mark_hills(s: &mut Scene, object: &str, ridge: &[Place], next: Option<&[Place]>) {
    let mut places = ridge.to_vec();
    match next {
        Some(next) => places.extend(next.iter().rev().map(|&(x, y)| (x, y.max(height_at(ridge, x))))),
        None => {
            let (first, last) = (ridge[0], ridge[ridge.len() - 1]);
            places.extend([(last.0, s.height), (first.0, s.height)]);
        }
    }
    s.mark(object, &Outline::polygon(&places));
}

/// The height of a ridge at `x`.
pub(in crate::server::demo) fn height_at(ridge: &[Place], x: f64) -> f64 {
    let pair = ridge.windows(2).find(|pair| pair[0].0 <= x && x <= pair[1].0);
    pair.map_or(ridge.first().map_or(0.0, |place| place.1), |pair| {
        let t = (x - pair[0].0) / (pair[1].0 - pair[0].0).max(1e-6);
        pair[0].1 + (pair[1].1 - pair[0].1) * t
    })
}

/// A mountain with a lit and a shaded flank and snow, standing on `base`.
pub(in crate::server::demo) fn mountain(
    s: &mut Scene,
    light: &Light,
    peak: Place,
    half_width: f64,
    base: f64,
    distance: f64,
) {
    let height = base - peak.1;
    let mut left = Vec::new();
    let mut right = Vec::new();
    for step in 1..6 {
        let t = f64::from(step) / 6.0;
        left.push((peak.0 - half_width * t * s.random.range(0.85, 1.12), peak.1 + height * t));
        right.push((peak.0 + half_width * t * s.random.range(0.85, 1.12), peak.1 + height * t));
    }
    let foot = ((peak.0 - half_width * 1.1, base), (peak.0 + half_width * 1.1, base));
    let mut outline = vec![peak];
    outline.extend(&right);
    outline.extend([foot.1, foot.0]);
    outline.extend(left.iter().rev());
    let rock = rgb(0x6B_74_8C);
    let lit =
        s.down(&[(0.0, light.on(rock.lighter(0.25), distance)), (1.0, light.on(rgb(0x6F_86_7C), distance + 0.15))]);
    let outline = Outline::polygon(&outline);
    s.draw(&outline, lit.as_str());
    // The flank away from the light, along a crooked crest.
    let mut shade = vec![peak];
    shade.extend(&right);
    shade.push(foot.1);
    let crest = [(0.10, 0.85), (-0.02, 0.6), (0.12, 0.42), (0.0, 0.22)];
    shade.extend(crest.map(|(x, y)| (peak.0 + x * half_width, peak.1 + y * height)));
    let dark =
        s.down(&[(0.0, light.on(rock.darker(0.25), distance)), (1.0, light.on(rgb(0x4C_60_60), distance + 0.1))]);
    s.draw(&Outline::polygon(&shade), Paint::from(dark.as_str()).opacity(0.75));
    let (l, r) = (left[1], right[1]);
    let snow = [
        peak,
        (peak.0 + (r.0 - peak.0) * 0.8, peak.1 + height * 0.27),
        (peak.0 + half_width * 0.16, peak.1 + height * 0.2),
        (peak.0 + half_width * 0.06, peak.1 + height * 0.31),
        (peak.0 - half_width * 0.05, peak.1 + height * 0.22),
        (peak.0 - half_width * 0.15, peak.1 + height * 0.33),
        (peak.0 + (l.0 - peak.0) * 0.75, peak.1 + height * 0.25),
    ];
    s.draw(&Outline::polygon(&snow), light.on(rgb(0xFB_FC_FF), distance * 0.7));
    // Only now: snow and shade do not hide the mountain.
    s.mark("Mountain", &outline);
}

/// Water from `top` to `bottom` with glints; the sun's path may lie on it.
pub(in crate::server::demo) fn water(s: &mut Scene, light: &Light, top: f64, bottom: f64, sun_x: Option<f64>) {
    let (w, unit) = (s.width, s.unit());
    let deep = light.on(rgb(0x17_5E_86), 0.0).mix(light.sky[0], 0.25);
    let paint = s.down(&[(0.0, light.sky[2].mix(deep, 0.35)), (0.25, light.sky[1].mix(deep, 0.55)), (1.0, deep)]);
    s.draw(&Outline::rect(-2.0, top, w + 4.0, bottom - top), paint.as_str());
    for _ in 0..110 {
        let t: f64 = s.random.unit();
        let (y, length) = (top + (bottom - top) * t * t, unit * (0.02 + 0.12 * t) * s.random.range(0.4, 1.3));
        let x = s.random.range(-0.05, 1.05) * w;
        let wave = Outline::from((x - length, y)).curve_to(
            (x - length * 0.4, y - unit * 0.004 * t),
            (x + length * 0.4, y - unit * 0.004 * t),
            (x + length, y),
        );
        let colour = if s.random.chance(0.5) { light.cloud } else { deep.darker(0.2) };
        s.draw(&wave, Paint::line(colour, unit * (0.001 + 0.003 * t)).opacity(0.28));
    }
    if let Some(x) = sun_x {
        for _ in 0..60 {
            let t: f64 = s.random.unit();
            let (y, spread) = (top + (bottom - top) * t * 0.85, unit * (0.015 + 0.11 * t));
            let at = x + s.random.range(-1.0, 1.0) * spread;
            let length = unit * (0.008 + 0.03 * t);
            let glint = Outline::polyline(&[(at - length, y), (at + length, y)]);
            s.draw(&glint, Paint::line(light.sun, unit * (0.0015 + 0.003 * t)).opacity(0.65));
        }
    }
}

/// A conifer of `height`, its foot at `foot`.
pub(in crate::server::demo) fn conifer(
    s: &mut Scene,
    light: &Light,
    foot: Place,
    height: f64,
    distance: f64,
    snowy: bool,
) {
    let green = s.random.pick(&[rgb(0x2F_5D_46), rgb(0x35_68_4A), rgb(0x28_52_45)]);
    s.placed(foot, height, 0.0, |s| {
        s.shadow(0.03, 0.005, 0.22, 0.035, 0.25 * (1.0 - distance));
        s.boxed("Conifer", |s| {
            s.draw(&Outline::rect(-0.03, -0.12, 0.06, 0.13), light.on(rgb(0x5A_43_33), distance));
            for (tier, (top, bottom, half)) in
                [(-0.62, -0.08, 0.27), (-0.82, -0.34, 0.21), (-1.0, -0.58, 0.15)].into_iter().enumerate()
            {
                let lit = light.on(green.lighter(0.06 * tier as f64 + 0.1), distance);
                let paint = s.across(&[
                    (0.0, lit),
                    (0.55, light.on(green, distance)),
                    (1.0, light.on(green.darker(0.35), distance)),
                ]);
                let tier = Outline::from((0.0, top))
                    .curve_to((half * 0.3, top + 0.15), (half * 0.6, bottom - 0.1), (half, bottom))
                    .curve_to((half * 0.4, bottom + 0.05), (-half * 0.4, bottom + 0.05), (-half, bottom))
                    .curve_to((-half * 0.6, bottom - 0.1), (-half * 0.3, top + 0.15), (0.0, top))
                    .close();
                s.draw(&tier, paint.as_str());
                if snowy {
                    let cap = Outline::polygon(&[
                        (0.0, top),
                        (half * 0.5, top + 0.22),
                        (half * 0.15, top + 0.17),
                        (-half * 0.12, top + 0.24),
                        (-half * 0.45, top + 0.2),
                    ]);
                    s.draw(&cap, light.on(rgb(0xFB_FC_FF), distance));
                }
            }
        });
    });
}

/// A broadleaf tree of `height`, its foot at `foot`.
pub(in crate::server::demo) fn broadleaf(s: &mut Scene, light: &Light, foot: Place, height: f64, distance: f64) {
    let green = s.random.pick(&[rgb(0x5E_8F_3A), rgb(0x4B_85_45), rgb(0x79_99_3A), rgb(0xB8_7B_2E), rgb(0x3F_7A_4E)]);
    let crown: Vec<Place> = (0..11)
        .map(|step| {
            let angle = f64::from(step) / 11.0 * std::f64::consts::TAU;
            let r = s.random.range(0.85, 1.08);
            (0.33 * r * angle.cos(), -0.66 + 0.33 * r * angle.sin())
        })
        .collect();
    s.placed(foot, height, 0.0, |s| {
        s.shadow(0.05, 0.005, 0.32, 0.04, 0.28 * (1.0 - distance));
        s.boxed("Broadleaf tree", |s| {
            let trunk = Outline::from((-0.05, 0.01))
                .curve_to((-0.025, -0.15), (-0.03, -0.3), (-0.02, -0.5))
                .line_to((0.025, -0.5))
                .curve_to((0.03, -0.3), (0.025, -0.15), (0.055, 0.01))
                .close();
            let bark =
                s.across(&[(0.0, light.on(rgb(0x86_66_48), distance)), (1.0, light.on(rgb(0x45_34_2A), distance))]);
            s.draw(&trunk, bark.as_str());
            let paint = s.round(&[
                (0.0, light.on(green.lighter(0.28), distance)),
                (0.6, light.on(green, distance)),
                (1.0, light.on(green.darker(0.4), distance)),
            ]);
            s.draw(&Outline::blob(&crown), paint.as_str());
            for (x, y, r) in [(-0.14, -0.76, 0.12), (0.08, -0.82, 0.1), (-0.02, -0.6, 0.13), (0.17, -0.63, 0.1)] {
                let paint =
                    s.round(&[(0.0, light.on(green.lighter(0.35), distance)), (1.0, light.on(green, distance))]);
                s.draw(&Outline::ellipse(x, y, r, r * 0.8), Paint::from(paint.as_str()).opacity(0.55));
            }
        });
    });
}

/// A flower of `height` on a bent stem; its head is a region of its own.
pub(in crate::server::demo) fn flower(s: &mut Scene, light: &Light, foot: Place, height: f64) {
    let petal = s.random.pick(&[
        rgb(0x00E9_4F64),
        rgb(0xF6_A5_2F),
        rgb(0xF7_D1_3D),
        rgb(0xB1_6C_D8),
        rgb(0xF2_7F_B2),
        rgb(0xFF_FF_FF),
        rgb(0x5C_7C_E8),
    ]);
    let (bend, petals, turn) = (s.random.range(-0.15, 0.15), s.random.count(6, 9), s.random.range(0.0, 60.0));
    s.placed(foot, height, 0.0, |s| {
        s.boxed("Flower", |s| {
            let stem = Outline::from((0.0, 0.0)).curve_to((0.0, -0.3), (bend, -0.5), (bend, -0.82));
            s.draw(&stem, Paint::line(light.on(rgb(0x4D_8A_3C), 0.0), 0.028));
            for side in [-1.0, 1.0] {
                let leaf = Outline::from((bend * 0.2, -0.2))
                    .curve_to((side * 0.1, -0.36), (side * 0.22, -0.4), (side * 0.26, -0.46))
                    .curve_to((side * 0.22, -0.28), (side * 0.1, -0.2), (bend * 0.2, -0.2))
                    .close();
                s.draw(&leaf, light.on(rgb(0x5C_9E_48), 0.0));
            }
            for number in 0..petals {
                let angle = number as f64 * 360.0 / petals as f64 + turn;
                s.placed((bend, -0.82), 1.0, angle, |s| {
                    let paint =
                        s.down(&[(0.0, light.on(petal.lighter(0.25), 0.0)), (1.0, light.on(petal.darker(0.12), 0.0))]);
                    s.draw(&Outline::ellipse(0.0, -0.1, 0.055, 0.085), paint.as_str());
                });
            }
            let heart = s.round(&[(0.0, rgb(0xFF_E1_7A)), (1.0, rgb(0xB9_71_1C))]);
            s.draw(&Outline::circle(bend, -0.82, 0.055), heart.as_str());
        });
    });
}

/// A cactus with arms.
pub(in crate::server::demo) fn cactus(s: &mut Scene, light: &Light, foot: Place, height: f64) {
    s.placed(foot, height, 0.0, |s| {
        s.shadow(0.12, 0.0, 0.3, 0.03, 0.3);
        let outline = Outline::from((-0.09, 0.0))
            .line_to((-0.09, -0.34))
            .line_to((-0.17, -0.34))
            .curve_to((-0.3, -0.34), (-0.33, -0.42), (-0.33, -0.52))
            .line_to((-0.33, -0.66))
            .curve_to((-0.33, -0.73), (-0.22, -0.73), (-0.22, -0.66))
            .line_to((-0.22, -0.52))
            .curve_to((-0.22, -0.46), (-0.17, -0.46), (-0.09, -0.46))
            .line_to((-0.09, -0.88))
            .curve_to((-0.09, -1.03), (0.09, -1.03), (0.09, -0.88))
            .line_to((0.09, -0.55))
            .curve_to((0.18, -0.55), (0.2, -0.57), (0.2, -0.64))
            .line_to((0.2, -0.78))
            .curve_to((0.2, -0.85), (0.31, -0.85), (0.31, -0.78))
            .line_to((0.31, -0.62))
            .curve_to((0.31, -0.48), (0.24, -0.42), (0.09, -0.42))
            .line_to((0.09, 0.0))
            .close();
        let paint = s.across(&[
            (0.0, light.on(rgb(0x86_B5_6A), 0.0)),
            (0.5, light.on(rgb(0x4E_8A_52), 0.0)),
            (1.0, light.on(rgb(0x2B_55_40), 0.0)),
        ]);
        s.draw_as("Cactus", &outline, paint.as_str());
        for x in [-0.045, 0.0, 0.045] {
            s.draw(
                &Outline::polyline(&[(x, -0.02), (x, -0.92)]),
                Paint::line(light.on(rgb(0x2B_55_40), 0.0), 0.008).opacity(0.5),
            );
        }
    });
}

/// A wooden fence along a line; its upper rail is a region.
pub(in crate::server::demo) fn fence(s: &mut Scene, light: &Light, line: &[Place], height: f64) {
    let wood = light.on(rgb(0xB9_95_6B), 0.0);
    for &(x, y) in line {
        let post = Outline::round_rect(x - height * 0.07, y - height, height * 0.14, height * 1.05, height * 0.05);
        let paint = s.across(&[(0.0, wood.lighter(0.2)), (1.0, wood.darker(0.35))]);
        s.draw(&post, paint.as_str());
    }
    for (part, is_region) in [(0.38, false), (0.78, true)] {
        let rail: Vec<Place> = line.iter().map(|&(x, y)| (x, y - height * part)).collect();
        let outline = Outline::polyline(&rail);
        s.draw(&outline, Paint::line(wood.darker(0.1), height * 0.12));
        s.draw(&outline.map(|(x, y)| (x, y - height * 0.02)), Paint::line(wood.lighter(0.15), height * 0.05));
        if is_region {
            s.mark("Fence", &outline);
        }
    }
}

/// Blades of grass near the viewer, from `top` down.
pub(in crate::server::demo) fn grass(s: &mut Scene, colour: Colour, top: f64, count: usize) {
    let unit = s.unit();
    for _ in 0..count {
        let (x, y) = (s.random.range(0.0, s.width), s.random.range(top, s.height + unit * 0.02));
        let (height, lean) = (unit * s.random.range(0.012, 0.03), unit * s.random.range(-0.012, 0.012));
        let blade = Outline::from((x, y)).curve_to(
            (x, y - height * 0.5),
            (x + lean * 0.5, y - height * 0.8),
            (x + lean, y - height),
        );
        let shade = if s.random.chance(0.5) { colour.lighter(0.12) } else { colour.darker(0.15) };
        s.draw(&blade, Paint::line(shade, unit * 0.0018).opacity(0.6));
    }
}
