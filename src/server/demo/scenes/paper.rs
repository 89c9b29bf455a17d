//! Charts, shapes, and space: what needs no ground.

use crate::server::demo::colour::{Colour, rgb};
use crate::server::demo::motifs::{sky, vehicles};
use crate::server::demo::outline::{Outline, Place};
use crate::server::demo::scene::{Paint, Scene};

/// Colours that are told apart easily.
const PALETTE: [Colour; 6] =
    [rgb(0x3B_6F_B6), rgb(0xE2_7D_3F), rgb(0x4F_9D_69), rgb(0xC8_4A_5E), rgb(0x8A_6A_B8), rgb(0xE0_B3_3E)];

pub(super) fn space(s: &mut Scene, variant: usize) {
    let (w, h, unit) = (s.width, s.height, s.unit());
    let paint = s.down(&[(0.0, rgb(0x05_06_18)), (0.6, rgb(0x12_10_38)), (1.0, rgb(0x1E_12_40))]);
    s.draw(&Outline::rect(0.0, 0.0, w, h), paint.as_str());
    for _ in 0..7 {
        let tint = s.random.pick(&[rgb(0x5A_2A_9A), rgb(0x1F_4A_9A), rgb(0xA0_2A_6A), rgb(0x1A_6A_80)]);
        let glow = s.glow(tint, 0.42);
        let at = (s.random.range(0.0, w), s.random.range(0.0, h));
        let size = unit * s.random.range(0.3, 0.7);
        s.draw(&Outline::ellipse(at.0, at.1, size * 1.3, size * 0.8), glow);
    }
    sky::stars(s, 320, 7, h);
    let sun = (w * 0.5, h * 0.54);
    let star = s.glow(rgb(0xFF_C8_60), 0.9);
    s.draw(&Outline::circle(sun.0, sun.1, unit * 0.2), star);
    let disc = s.round(&[(0.0, rgb(0xFF_FF_F0)), (0.6, rgb(0xFF_D8_70)), (1.0, rgb(0xF0_9A_30))]);
    s.draw_as("Sun", &Outline::circle(sun.0, sun.1, unit * 0.075), disc.as_str());
    let ratio = (w / unit, h / unit * 0.72);
    for (number, orbit) in [0.2, 0.32, 0.45].into_iter().enumerate() {
        let line = Outline::ellipse(sun.0, sun.1, unit * orbit * ratio.0, unit * orbit * ratio.1);
        s.draw(&line, Paint::line(rgb(0x9A_B0_E8), unit * 0.002).opacity(0.45));
        let angle = s.random.range(0.0, std::f64::consts::TAU);
        let at = (sun.0 + unit * orbit * ratio.0 * angle.cos(), sun.1 + unit * orbit * ratio.1 * angle.sin());
        // The orbit is a line around the sun that ends where it began.
        let mut places = line.flatten();
        places.extend(places.first().copied());
        s.mark("Orbit", &Outline::polyline(&places));
        let radius = unit * s.random.range(0.04, 0.075) * (1.0 + 0.2 * number as f64);
        planet(s, at, radius, number + variant, number == (variant + 2) % 3);
    }
    let from = (w * s.random.range(0.12, 0.3), h * s.random.range(0.2, 0.32));
    let degrees = s.random.range(20.0, 70.0);
    vehicles::rocket(s, from, unit * 0.2, degrees);
}

fn planet(s: &mut Scene, at: Place, radius: f64, number: usize, ringed: bool) {
    let colours = [
        (rgb(0x8F_D0_F0), rgb(0x1A_4A_8A)),
        (rgb(0xF4_C8_90), rgb(0x8A_4A_28)),
        (rgb(0xE8_8A_6A), rgb(0x6A_1E_28)),
        (rgb(0xB8_E0_B0), rgb(0x2A_5A_50)),
        (rgb(0xD8_C0_F0), rgb(0x4A_2A_78)),
    ];
    let (lit, dark) = colours[number % colours.len()];
    let tilt = s.random.range(-25.0, 25.0);
    s.placed(at, radius, tilt, |s| {
        s.boxed("Planet", |s| {
            let ring = |s: &mut Scene, front: bool| {
                let sweep = if front { 1.0 } else { -1.0 };
                let arc =
                    Outline::from((-1.75, 0.0)).curve_to((-1.75, 0.55 * sweep), (1.75, 0.55 * sweep), (1.75, 0.0));
                s.draw(&arc, Paint::line(rgb(0xE8_D8_B8), 0.2).opacity(0.85));
                s.draw(&arc, Paint::line(rgb(0x8A_78_60), 0.04).opacity(0.8));
            };
            if ringed {
                ring(s, false);
            }
            let paint = s.round(&[(0.0, lit.lighter(0.25)), (0.5, lit), (1.0, dark)]);
            s.draw_as("Planet", &Outline::circle(0.0, 0.0, 1.0), paint.as_str());
            for (y, width) in [(-0.45, 0.86), (-0.1, 0.97), (0.3, 0.93)] {
                let band = Outline::from((-width, y)).curve_to((-0.4, y + 0.18), (0.4, y + 0.18), (width, y));
                s.draw(&band, Paint::line(lit.lighter(0.5), 0.1).opacity(0.35));
            }
            if ringed {
                ring(s, true);
            }
        });
    });
}

/// Paper with a soft shade.
fn paper(s: &mut Scene, colour: Colour) {
    let paint = s.down(&[(0.0, colour.lighter(0.4)), (1.0, colour)]);
    s.draw(&Outline::rect(0.0, 0.0, s.width, s.height), paint.as_str());
}

pub(super) fn chart(s: &mut Scene, variant: usize) {
    let (w, h, unit) = (s.width, s.height, s.unit());
    paper(s, rgb(0xF4_F1_EA));
    if variant % 5 == 2 {
        return pie(s);
    }
    let (left, right, top, bottom) = (w * 0.1, w * 0.93, h * 0.12, h * 0.86);
    let ink = rgb(0x3A_40_4C);
    for line in 1..=5 {
        let y = bottom - (bottom - top) * f64::from(line) / 5.0;
        s.draw(&Outline::polyline(&[(left, y), (right, y)]), Paint::line(ink, unit * 0.0015).opacity(0.25));
        s.draw(
            &Outline::round_rect(left - unit * 0.055, y - unit * 0.006, unit * 0.035, unit * 0.012, unit * 0.006),
            Paint::from(ink).opacity(0.35),
        );
    }
    s.draw(&Outline::round_rect(left, h * 0.045, w * 0.34, unit * 0.028, unit * 0.014), Paint::from(ink).opacity(0.75));
    let count = s.random.count(6, 9);
    let step = (right - left) / count as f64;
    let mut level = s.random.range(0.3, 0.5);
    let levels: Vec<f64> = (0..count)
        .map(|_| {
            level = (level + s.random.range(-0.2, 0.25)).clamp(0.1, 0.95);
            level
        })
        .collect();
    let place = |number: usize, level: f64| (left + step * (number as f64 + 0.5), bottom - (bottom - top) * level);
    let bars = variant % 5 != 1 && variant % 5 != 3;
    if bars {
        s.boxed("Bar chart", |s| {
            let colour = PALETTE[variant % PALETTE.len()];
            for (number, &level) in levels.iter().enumerate() {
                let (x, y) = place(number, level);
                let paint = s.down(&[(0.0, colour.lighter(0.25)), (1.0, colour)]);
                s.draw(
                    &Outline::rect(x - step * 0.32 + unit * 0.006, y + unit * 0.006, step * 0.64, bottom - y),
                    Paint::from(ink).opacity(0.15).blur(unit * 0.006),
                );
                s.boxed("Bar", |s| s.draw(&Outline::rect(x - step * 0.32, y, step * 0.64, bottom - y), paint.as_str()));
            }
        });
    }
    if !bars || variant % 5 == 4 {
        let lines = if variant % 5 == 3 { 2 } else { 1 };
        for number in 0..lines {
            let colour = PALETTE[(variant + 1 + number) % PALETTE.len()];
            let places: Vec<Place> = levels
                .iter()
                .enumerate()
                .map(|(at, &level)| {
                    let shifted = if number == 0 { level } else { (0.95 - level * 0.7).clamp(0.08, 0.95) };
                    place(at, shifted)
                })
                .collect();
            let line = Outline::polyline(&places);
            let mut area = places.clone();
            area.extend([(places[count - 1].0, bottom), (places[0].0, bottom)]);
            if !bars {
                s.draw(&Outline::polygon(&area), Paint::from(colour).opacity(0.12));
            }
            s.draw(&line, Paint::line(colour, unit * 0.009));
            for &at in &places {
                s.draw(
                    &Outline::circle(at.0, at.1, unit * 0.013),
                    Paint::from(rgb(0xFF_FF_FF)).edged(colour, unit * 0.006),
                );
            }
            // Only now: the dots do not hide the line.
            s.mark("Curve", &line);
        }
    }
    let axes = Outline::polyline(&[(left, top - unit * 0.02), (left, bottom), (right, bottom)]);
    s.draw(&axes, Paint::line(ink, unit * 0.004));
    for number in 0..count {
        let (x, _) = place(number, 0.0);
        s.draw(
            &Outline::round_rect(x - step * 0.22, bottom + unit * 0.025, step * 0.44, unit * 0.014, unit * 0.007),
            Paint::from(ink).opacity(0.35),
        );
    }
}

fn pie(s: &mut Scene) {
    let (w, h, unit) = (s.width, s.height, s.unit());
    let (centre, radius) = ((w * 0.42, h * 0.5), unit * 0.36);
    s.shadow(centre.0 + unit * 0.02, centre.1 + unit * 0.03, radius, radius, 0.2);
    let shares: Vec<f64> = (0..5).map(|_| s.random.range(0.5, 2.0)).collect();
    let total: f64 = shares.iter().sum();
    let mut angle = -std::f64::consts::FRAC_PI_2;
    s.boxed("Pie chart", |s| {
        for (number, share) in shares.iter().enumerate() {
            let end = angle + share / total * std::f64::consts::TAU;
            let mut places = vec![centre];
            let pieces = ((end - angle) / 0.06).ceil() as usize;
            for piece in 0..=pieces {
                let a = angle + (end - angle) * piece as f64 / pieces as f64;
                places.push((centre.0 + radius * a.cos(), centre.1 + radius * a.sin()));
            }
            s.draw_as(
                "Slice",
                &Outline::polygon(&places),
                Paint::from(PALETTE[number]).edged(rgb(0xF8_F6_F0), unit * 0.006),
            );
            angle = end;
        }
    });
    for (number, colour) in PALETTE.iter().copied().enumerate().take(shares.len()) {
        let (x, y) = (centre.0 + radius * 1.25, h * 0.5 - unit * 0.16 + unit * 0.08 * number as f64);
        s.draw(&Outline::round_rect(x, y, unit * 0.035, unit * 0.035, unit * 0.007), colour);
        let width = unit * s.random.range(0.1, 0.2);
        s.draw(
            &Outline::round_rect(x + unit * 0.055, y + unit * 0.01, width, unit * 0.015, unit * 0.007),
            Paint::from(rgb(0x3A_40_4C)).opacity(0.4),
        );
    }
}

pub(super) fn shapes(s: &mut Scene, variant: usize) {
    let (w, h, unit) = (s.width, s.height, s.unit());
    paper(s, [rgb(0xF2_EA_DA), rgb(0xE8_EE_F0), rgb(0xF6_E8_E0), rgb(0xEC_F0_E4)][variant % 4]);
    // A place for each shape, so that none hides another: cells of a grid.
    let columns = if w > h { 4 } else { 3 };
    let rows = if w > h { 3 } else { 4 };
    let cell = (w / columns as f64, h / rows as f64);
    let line: Vec<Place> = (0..=5).map(|step| (w * f64::from(step) / 5.0, h * s.random.range(0.2, 0.8))).collect();
    let wave = Outline::smooth(&line);
    s.draw(&wave, Paint::line(rgb(0x2A_2E_38), unit * 0.006).opacity(0.8));
    s.mark("Curve", &wave);
    for row in 0..rows {
        for column in 0..columns {
            let colour = s.random.pick(&PALETTE);
            let size = cell.0.min(cell.1) * s.random.range(0.24, 0.4);
            let at = (
                cell.0 * (column as f64 + s.random.range(0.42, 0.58)),
                cell.1 * (row as f64 + s.random.range(0.42, 0.58)),
            );
            let choice = match variant % 4 {
                1 => 0,
                3 => 1,
                _ => s.random.below(3),
            };
            let turn = s.random.range(0.0, 90.0);
            let paint = s.round(&[(0.0, colour.lighter(0.35)), (1.0, colour)]);
            s.placed(at, size, turn, |s| {
                let (name, outline) = match choice {
                    0 => ("Circle", Outline::circle(0.0, 0.0, 1.0)),
                    1 => ("Triangle", Outline::polygon(&[(0.0, -1.0), (0.87, 0.5), (-0.87, 0.5)])),
                    2 => ("Square", Outline::rect(-0.8, -0.8, 1.6, 1.6)),
                    _ => ("Circle", Outline::circle(0.0, 0.0, 0.8)),
                };
                s.draw(
                    &outline.map(|(x, y)| (x + 0.07, y + 0.09)),
                    Paint::from(rgb(0x1A_1E_28)).opacity(0.25).blur(0.08),
                );
                s.draw_as(name, &outline, paint.as_str());
            });
        }
    }
}
