//! Scenes indoors: a table with fruit, a cat on a windowsill.

use crate::server::demo::colour::rgb;
use crate::server::demo::motifs::{animals, kitchen, land, sky};
use crate::server::demo::outline::{Outline, Place};
use crate::server::demo::scene::{Paint, Scene};

pub(super) fn still_life(s: &mut Scene, variant: usize) {
    let (w, h, unit) = (s.width, s.height, s.unit());
    let (wall, cloth) = [
        (rgb(0xC8_BC_A8), rgb(0x5A_7F_B0)),
        (rgb(0x8A_A0_98), rgb(0xE8_DC_C4)),
        (rgb(0xE4_C8_98), rgb(0xC8_6A_5A)),
        (rgb(0x6A_7A_80), rgb(0xD8_C0_8A)),
        (rgb(0x4A_50_60), rgb(0xF0_E6_D8)),
    ][variant % 5];
    let paint = s.across(&[(0.0, wall.lighter(0.35)), (0.5, wall), (1.0, wall.darker(0.35))]);
    s.draw(&Outline::rect(0.0, 0.0, w, h), paint.as_str());
    // Light from a window that nobody sees.
    let beam = Outline::polygon(&[(w * 0.1, -5.0), (w * 0.42, -5.0), (w * 0.75, h * 0.62), (w * 0.35, h * 0.62)]);
    s.draw(&beam, Paint::from(rgb(0xFF_F6_DC)).opacity(0.28).blur(unit * 0.03));
    let edge = h * 0.6;
    s.boxed("Table", |s| {
        let wood = rgb(0x9A_6A_42);
        let paint = s.down(&[(0.0, wood.lighter(0.2)), (0.7, wood), (1.0, wood.darker(0.4))]);
        s.draw(&Outline::rect(0.0, edge, w, h - edge), paint.as_str());
        for _ in 0..16 {
            let y = s.random.range(edge, h);
            let grain = Outline::smooth(&[
                (0.0, y),
                (w * 0.3, y + unit * s.random.range(-0.01, 0.01)),
                (w * 0.7, y + unit * s.random.range(-0.01, 0.01)),
                (w, y),
            ]);
            s.draw(&grain, Paint::line(wood.darker(0.4), unit * 0.002).opacity(0.35));
        }
    });
    let fall: Vec<Place> = vec![
        (w * 0.12, edge + h * 0.05),
        (w * 0.5, edge + h * 0.03),
        (w * 0.9, edge + h * 0.05),
        (w * 0.96, h * 0.86),
        (w * 0.7, h * 0.93),
        (w * 0.4, h * 0.9),
        (w * 0.06, h * 0.93),
    ];
    let paint = s.down(&[(0.0, cloth.lighter(0.25)), (0.6, cloth), (1.0, cloth.darker(0.25))]);
    s.draw(&Outline::polygon(&fall), paint.as_str());
    for number in 1..9 {
        let t = f64::from(number) / 9.0;
        let (from, to) = ((w * (0.12 + 0.78 * t), edge + h * 0.045), (w * (0.06 + 0.9 * t), h * 0.915));
        s.draw(&Outline::polyline(&[from, to]), Paint::line(cloth.lighter(0.5), unit * 0.004).opacity(0.35));
    }
    let glaze = s.random.pick(&[rgb(0x3F_8A_88), rgb(0xE8_E0_D0), rgb(0x2F_5A_98), rgb(0x9A_4A_38), rgb(0x5A_9A_5A)]);
    let vase_x = w * s.random.range(0.16, 0.26);
    kitchen::vase(s, (vase_x, h * 0.72), unit * 0.3, glaze);
    // A bowl with fruit peeping over its rim: the fruit comes first.
    let bowl = (w * s.random.range(0.58, 0.7), h * 0.76);
    let bowl_size = unit * 0.42;
    s.shadow(bowl.0 + unit * 0.03, bowl.1, bowl_size * 0.5, bowl_size * 0.07, 0.4);
    for (number, offset) in [-0.26, 0.24, -0.02].into_iter().enumerate() {
        let foot = (bowl.0 + offset * bowl_size, bowl.1 - bowl_size * (0.14 + if number == 2 { 0.08 } else { 0.0 }));
        fruit(s, foot, unit * 0.14);
    }
    let other = s.random.pick(&[rgb(0xE8_E4_DC), rgb(0x4A_7A_A8), rgb(0x6A_A0_78), rgb(0xC8_8A_4A)]);
    kitchen::bowl(s, bowl, bowl_size, other);
    let mut feet: Vec<Place> = vec![(0.36, 0.8), (0.48, 0.87), (0.8, 0.88), (0.25, 0.87), (0.9, 0.8)];
    feet.sort_by(|a, b| a.1.total_cmp(&b.1));
    for (x, y) in feet {
        if s.random.chance(0.85) {
            let foot = (w * (x + s.random.range(-0.02, 0.02)), h * y);
            let size = unit * s.random.range(0.13, 0.16);
            fruit(s, foot, size);
        }
    }
    sky::vignette(s);
}

fn fruit(s: &mut Scene, foot: Place, size: f64) {
    match s.random.below(5) {
        0 | 1 => kitchen::apple(s, foot, size),
        2 => kitchen::orange(s, foot, size),
        3 => kitchen::pear(s, foot, size * 0.95),
        _ if s.random.chance(0.5) => kitchen::banana(s, foot, size * 0.85, foot.0 > s.width / 2.0),
        _ => kitchen::grapes(s, foot, size),
    }
}

pub(super) fn windowsill(s: &mut Scene, variant: usize) {
    let light = [sky::MORNING, sky::EVENING, sky::NOON, sky::NOON, sky::NIGHT][variant % 5];
    let (w, h, unit) = (s.width, s.height, s.unit());
    let indoors = sky::Light { dusk: light.dusk * 0.4, ..light };
    // What lies outside.
    sky::sky(s, &light);
    if light.dusk > 0.5 {
        sky::stars(s, 120, 4, h * 0.5);
        sky::moon(s, (w * 0.68, h * 0.2), unit * 0.05);
    } else {
        sky::sun(s, &light, (w * 0.3, h * 0.22), unit * 0.045);
        sky::cloud(s, &light, (w * 0.62, h * 0.22), unit * 0.3);
    }
    for (y, distance) in [(0.5, 0.6), (0.58, 0.35)] {
        let green = light.on(rgb(0x7A_A8_60), distance);
        let ridge = land::hills(s, h * y, h * 0.03, green, green.darker(0.15));
        for _ in 0..4 {
            let x = s.random.range(0.15, 0.85) * w;
            land::broadleaf(s, &light, (x, land::height_at(&ridge, x) + unit * 0.01), unit * 0.13, distance);
        }
    }
    // The wall around the window, as four areas, and the frame.
    let wall = indoors.on(s.random.pick(&[rgb(0xE8_D8_C0), rgb(0xC8_D4_D0), rgb(0xE4_C4_B0)]), 0.0);
    let (left, right, top, sill) = (w * 0.12, w * 0.88, h * 0.08, h * 0.74);
    for (x, y, width, height) in
        [(0.0, 0.0, w, top), (0.0, top, left, h), (right, top, w - right, h), (left, sill, right - left, h - sill)]
    {
        s.draw(&Outline::rect(x, y, width, height), wall);
    }
    s.boxed("Window", |s| {
        let white = indoors.on(rgb(0xFB_F8_F0), 0.0);
        let bar = unit * 0.03;
        for line in [
            vec![(left, top), (right, top), (right, sill), (left, sill), (left, top)],
            vec![((left + right) / 2.0, top), ((left + right) / 2.0, sill)],
            vec![(left, top + (sill - top) * 0.4), (right, top + (sill - top) * 0.4)],
        ] {
            let line = Outline::polyline(&line);
            s.draw(&line.map(|(x, y)| (x + bar * 0.15, y + bar * 0.15)), Paint::line(white.darker(0.4), bar));
            s.draw(&line, Paint::line(white, bar * 0.85));
        }
    });
    let cloth = indoors.on(s.random.pick(&[rgb(0xC8_5A_4A), rgb(0x4A_7A_98), rgb(0x8A_9A_4A), rgb(0xE0_B0_50)]), 0.0);
    for side in [-1.0, 1.0] {
        let x = |t: f64| w * 0.5 + side * w * (0.5 - t);
        let curtain = Outline::from((x(-0.02), 0.0))
            .line_to((x(0.2), 0.0))
            .curve_to((x(0.19), h * 0.3), (x(0.09), h * 0.45), (x(0.07), h * 0.52))
            .curve_to((x(0.1), h * 0.7), (x(0.12), h * 0.85), (x(0.13), h + 2.0))
            .line_to((x(-0.02), h + 2.0))
            .close();
        let paint = s.across(&[
            (0.0, cloth.darker(0.2)),
            (0.3, cloth.lighter(0.12)),
            (0.5, cloth.darker(0.12)),
            (0.75, cloth.lighter(0.15)),
            (1.0, cloth.darker(0.2)),
        ]);
        s.draw(&curtain, paint.as_str());
    }
    s.placed((0.0, 0.0), 1.0, 0.0, |s| {
        let board = indoors.on(rgb(0xF4_EC_DC), 0.0);
        let paint = s.down(&[(0.0, board.lighter(0.2)), (0.75, board), (1.0, board.darker(0.35))]);
        s.draw(&Outline::rect(w * 0.08, sill, w * 0.84, h * 0.1), paint.as_str());
    });
    let cat_x = w * s.random.range(0.38, 0.6);
    let pot_x = if cat_x < w * 0.5 { w * 0.76 } else { w * 0.22 };
    s.placed((0.0, 0.0), 1.0, 0.0, |s| {
        let (y, size) = (sill + h * 0.05, unit * 0.13);
        let clay = indoors.on(rgb(0xC8_73_4A), 0.0);
        let paint = s.across(&[(0.0, clay.lighter(0.25)), (0.5, clay), (1.0, clay.darker(0.35))]);
        s.draw(
            &Outline::polygon(&[
                (pot_x - size * 0.5, y - size * 0.8),
                (pot_x + size * 0.5, y - size * 0.8),
                (pot_x + size * 0.36, y),
                (pot_x - size * 0.36, y),
            ]),
            paint.as_str(),
        );
        s.draw(
            &Outline::round_rect(pot_x - size * 0.56, y - size, size * 1.12, size * 0.26, size * 0.05),
            paint.as_str(),
        );
    });
    for offset in [-0.03, 0.0, 0.035] {
        let height = unit * s.random.range(0.16, 0.24);
        land::flower(s, &indoors, (pot_x + unit * offset, sill + h * 0.05 - unit * 0.125), height);
    }
    let mirrored = s.random.chance(0.5);
    animals::cat(s, &indoors, (cat_x, sill + h * 0.055), unit * 0.52, mirrored);
    sky::vignette(s);
}
