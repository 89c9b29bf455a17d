//! Scenes under an open sky, on land.

use crate::server::demo::colour::rgb;
use crate::server::demo::motifs::{animals, buildings, land, sky, vehicles};
use crate::server::demo::outline::{Outline, Place};
use crate::server::demo::scene::{Paint, Scene};

pub(super) fn valley(s: &mut Scene, variant: usize) {
    let light = [sky::NOON, sky::MORNING, sky::EVENING, sky::NOON, sky::MORNING][variant % 5];
    let (w, h, unit) = (s.width, s.height, s.unit());
    sky::sky(s, &light);
    let sun = (w * s.random.range(0.12, 0.35), h * if light.dusk > 0.2 { 0.42 } else { s.random.range(0.12, 0.2) });
    sky::sun(s, &light, sun, unit * 0.055);
    for _ in 0..s.random.count(2, 4) {
        let at = (s.random.range(0.1, 0.9) * w, s.random.range(0.08, 0.3) * h);
        let width = unit * s.random.range(0.22, 0.4);
        sky::cloud(s, &light, at, width);
    }
    let base = h * 0.64;
    for (x, top, half, distance) in [(0.18, 0.36, 0.26, 0.7), (0.86, 0.34, 0.3, 0.62), (0.52, 0.22, 0.34, 0.45)] {
        let peak = (w * (x + s.random.range(-0.05, 0.05)), h * (top + s.random.range(-0.03, 0.03)));
        land::mountain(s, &light, peak, w * half, base + h * 0.02, distance);
    }
    sky::flock(s, "Bird", light.on(rgb(0x2A_30_44), 0.2), (w * 0.68, h * 0.22), 5);
    let far = light.on(rgb(0x7F_A6_72), 0.42);
    let ridge = land::hills(s, h * 0.62, h * 0.03, far, far.darker(0.1));
    for _ in 0..14 {
        let x = s.random.range(0.0, w);
        let height = unit * s.random.range(0.05, 0.08);
        land::conifer(s, &light, (x, land::height_at(&ridge, x) + unit * 0.01), height, 0.42, false);
    }
    let near = light.on(rgb(0x7F_AE_55), 0.12);
    let ridge = land::hills(s, h * 0.74, h * 0.04, near.lighter(0.1), near.darker(0.18));
    land::mark_hills(s, "Hill", &ridge, None);
    let house_x = w * s.random.range(0.55, 0.72);
    let houses = if variant % 5 == 2 { 2 } else { 1 };
    for number in 0..houses {
        let x = house_x - f64::from(number) * unit * 0.42;
        buildings::house(
            s,
            &light,
            (x, land::height_at(&ridge, x) + unit * 0.05),
            unit * (0.25 - 0.05 * f64::from(number)),
        );
    }
    // A path from the door towards the viewer.
    let door = (house_x, land::height_at(&ridge, house_x) + unit * 0.055);
    let path = Outline::smooth(&[
        door,
        (house_x - unit * 0.1, h * 0.86),
        (house_x + unit * 0.02, h * 0.93),
        (house_x - unit * 0.22, h * 1.04),
    ]);
    s.draw(&path, Paint::line(light.on(rgb(0xE0_CC_A0), 0.0), unit * 0.03).opacity(0.9));
    s.mark("Road", &path);
    for x in [0.07, 0.2, 0.34, 0.93] {
        let x = w * (x + s.random.range(-0.03, 0.03));
        let foot = (x, land::height_at(&ridge, x) + unit * s.random.range(0.04, 0.12));
        let height = unit * s.random.range(0.22, 0.34);
        if s.random.chance(0.5) {
            land::broadleaf(s, &light, foot, height, 0.0);
        } else {
            land::conifer(s, &light, foot, height * 1.1, 0.0, false);
        }
    }
    land::grass(s, near, h * 0.86, 400);
    sky::vignette(s);
}

pub(super) fn desert(s: &mut Scene, variant: usize) {
    let light = [sky::NOON, sky::MORNING, sky::EVENING, sky::EVENING][variant % 4];
    let (w, h, unit) = (s.width, s.height, s.unit());
    sky::sky(s, &light);
    let sun = (w * s.random.range(0.6, 0.8), h * if light.dusk > 0.2 { 0.45 } else { 0.2 });
    sky::sun(s, &light, sun, unit * 0.07);
    let sand = rgb(0xE8_BE_84);
    let ridges = [(0.56, 0.015, 0.6), (0.64, 0.04, 0.35), (0.74, 0.03, 0.08)].map(|(y, swing, distance)| {
        let top = light.on(sand, distance);
        land::hills(s, h * y, h * swing, top.lighter(0.12), top.darker(0.18))
    });
    for (index, ridge) in ridges.iter().enumerate() {
        land::mark_hills(s, "Hill", ridge, ridges.get(index + 1).map(Vec::as_slice));
    }
    // A road that narrows towards the horizon: its area is drawn, its middle line is the region.
    let vanish = (w * s.random.range(0.35, 0.55), h * 0.735);
    let bend = s.random.range(-0.12, 0.12) * w;
    let near_x = vanish.0 + bend;
    let road = Outline::from((vanish.0 - unit * 0.004, vanish.1))
        .curve_to((vanish.0 - bend, h * 0.82), (near_x - unit * 0.06, h * 0.9), (near_x - unit * 0.22, h * 1.02))
        .line_to((near_x + unit * 0.22, h * 1.02))
        .curve_to(
            (near_x + unit * 0.06, h * 0.9),
            (vanish.0 - bend + unit * 0.02, h * 0.82),
            (vanish.0 + unit * 0.004, vanish.1),
        )
        .close();
    let tar = s.down(&[(0.0, light.on(rgb(0x8A_84_84), 0.4)), (1.0, light.on(rgb(0x4A_4A_52), 0.0))]);
    s.draw_as("Road", &road, tar.as_str());
    let middle = Outline::from(vanish).curve_to(
        (vanish.0 - bend + unit * 0.01, h * 0.82),
        (near_x, h * 0.9),
        (near_x, h * 1.02),
    );
    s.draw(&middle, Paint::line(light.on(rgb(0xF4_D8_6A), 0.0), unit * 0.006));
    s.mark("Road marking", &middle);
    let mut feet: Vec<Place> = vec![(0.1, 0.84), (0.24, 0.78), (0.82, 0.9), (0.7, 0.79), (0.93, 0.8)];
    feet.sort_by(|a, b| a.1.total_cmp(&b.1));
    for (x, y) in feet {
        let foot = (w * (x + s.random.range(-0.03, 0.03)), h * y);
        let height = unit * (y - 0.66) * s.random.range(1.3, 1.7);
        land::cactus(s, &light, foot, height);
    }
    sky::flock(s, "Bird", light.on(rgb(0x3A_2A_30), 0.1), (w * 0.3, h * 0.22), 3);
    sky::vignette(s);
}

pub(super) fn garden(s: &mut Scene, variant: usize) {
    let light = [sky::NOON, sky::MORNING, sky::NOON, sky::MORNING][variant % 4];
    let (w, h, unit) = (s.width, s.height, s.unit());
    sky::sky(s, &light);
    let far = light.on(rgb(0x6F_A0_62), 0.35);
    let hedge = land::hills(s, h * 0.5, h * 0.02, far.lighter(0.1), far.darker(0.2));
    for _ in 0..18 {
        let x = s.random.range(0.0, w);
        let (y, r) = (land::height_at(&hedge, x), unit * s.random.range(0.04, 0.09));
        let paint = s.round(&[(0.0, far.lighter(0.18)), (1.0, far.darker(0.15))]);
        s.draw(&Outline::ellipse(x, y + r * 0.3, r, r * 0.8), paint.as_str());
    }
    let meadow = light.on(rgb(0x83_B8_4E), 0.05);
    land::hills(s, h * 0.6, h * 0.015, meadow.lighter(0.12), meadow.darker(0.25));
    let line: Vec<Place> = (0..=9).map(|step| (w * f64::from(step) / 9.0, h * 0.64)).collect();
    land::fence(s, &light, &line, unit * 0.13);
    land::grass(s, meadow, h * 0.66, 500);
    let mut flowers: Vec<Place> =
        (0..s.random.count(13, 17)).map(|_| (s.random.range(0.03, 0.97) * w, h * s.random.range(0.76, 1.02))).collect();
    flowers.sort_by(|a, b| a.1.total_cmp(&b.1));
    for foot in flowers {
        let height = unit * s.random.range(0.22, 0.3) * (0.5 + foot.1 / h * 0.7);
        land::flower(s, &light, foot, height);
    }
    for _ in 0..s.random.count(4, 6) {
        let at = (s.random.range(0.1, 0.9) * w, h * s.random.range(0.18, 0.55));
        let size = unit * s.random.range(0.08, 0.14);
        animals::butterfly(s, at, size);
    }
    sky::vignette(s);
}

pub(super) fn farm(s: &mut Scene, variant: usize) {
    let light = [sky::NOON, sky::MORNING, sky::EVENING, sky::NOON][variant % 4];
    let (w, h, unit) = (s.width, s.height, s.unit());
    sky::sky(s, &light);
    if light.dusk > 0.2 {
        sky::sun(s, &light, (w * 0.2, h * 0.4), unit * 0.06);
    }
    for _ in 0..s.random.count(3, 5) {
        let at = (s.random.range(0.05, 0.95) * w, s.random.range(0.08, 0.32) * h);
        let width = unit * s.random.range(0.25, 0.45);
        sky::cloud(s, &light, at, width);
    }
    let far = light.on(rgb(0x86_AE_6A), 0.45);
    let far = land::hills(s, h * 0.48, h * 0.035, far, far.darker(0.08));
    let middle = light.on(rgb(0x8F_B8_5A), 0.22);
    let ridge = land::hills(s, h * 0.56, h * 0.02, middle, middle.darker(0.12));
    land::mark_hills(s, "Hill", &far, Some(&ridge));
    let barn_x = w * if s.random.chance(0.5) { 0.75 } else { 0.24 };
    for offset in [-0.3, 0.28, 0.36] {
        let x = barn_x + offset * unit;
        land::broadleaf(s, &light, (x, land::height_at(&ridge, x) + unit * 0.02), unit * 0.26, 0.12);
    }
    buildings::barn(s, &light, (barn_x, land::height_at(&ridge, barn_x) + unit * 0.05), unit * 0.34);
    let near = light.on(rgb(0x7A_B0_48), 0.04);
    land::hills(s, h * 0.66, h * 0.012, near.lighter(0.08), near.darker(0.2));
    let mut flock: Vec<Place> = (0..s.random.count(5, 8))
        .map(|number| (w * (0.1 + 0.115 * number as f64 + s.random.range(-0.03, 0.03)), h * s.random.range(0.72, 0.86)))
        .collect();
    flock.sort_by(|a, b| a.1.total_cmp(&b.1));
    for foot in flock {
        let size = unit * 0.15 * (0.3 + foot.1 / h);
        let mirrored = s.random.chance(0.5);
        animals::sheep(s, &light, foot, size, mirrored);
    }
    let line: Vec<Place> =
        (0..=7).map(|step| (w * f64::from(step) / 7.0, h * (0.965 + 0.006 * f64::from(step % 2)))).collect();
    land::fence(s, &light, &line, unit * 0.12);
    land::grass(s, near, h * 0.9, 300);
    sky::vignette(s);
}

pub(super) fn balloons(s: &mut Scene, variant: usize) {
    let light = [sky::NOON, sky::MORNING, sky::EVENING, sky::MORNING][variant % 4];
    let (w, h, unit) = (s.width, s.height, s.unit());
    sky::sky(s, &light);
    let sun = (w * s.random.range(0.7, 0.9), h * 0.5);
    sky::sun(s, &light, sun, unit * 0.05);
    for _ in 0..3 {
        let at = (s.random.range(0.1, 0.9) * w, s.random.range(0.4, 0.58) * h);
        let width = unit * s.random.range(0.25, 0.4);
        sky::cloud(s, &light, at, width);
    }
    let mut before: Option<Vec<Place>> = None;
    for (y, distance, swing) in [(0.68, 0.65, 0.02), (0.76, 0.42, 0.03), (0.86, 0.18, 0.03)] {
        let field = s.random.pick(&[rgb(0x8F_B2_5C), rgb(0xC8_B8_5E), rgb(0x6F_A0_5A)]);
        let top = light.on(field, distance);
        let ridge = land::hills(s, h * y, h * swing, top.lighter(0.06), top.darker(0.15));
        if let Some(before) = &before {
            land::mark_hills(s, "Hill", before, Some(&ridge));
        }
        for _ in 0..5 {
            let x = s.random.range(0.0, w);
            let height = unit * (0.05 + 0.1 * (1.0 - distance));
            land::broadleaf(s, &light, (x, land::height_at(&ridge, x) + unit * 0.012), height, distance);
        }
        before = Some(ridge);
    }
    if let Some(nearest) = &before {
        land::mark_hills(s, "Hill", nearest, None);
    }
    let mut places: Vec<(Place, f64)> = (0..5)
        .map(|number| {
            let x = w * (0.12 + 0.19 * f64::from(number) + s.random.range(-0.04, 0.04));
            let size = unit * s.random.range(0.16, 0.4);
            ((x, h * s.random.range(0.3, 0.66)), size)
        })
        .collect();
    places.sort_by(|a, b| a.1.total_cmp(&b.1));
    for (at, size) in places {
        vehicles::balloon(s, &light, (at.0, at.1.max(size * 1.05)), size);
    }
    sky::flock(s, "Bird", light.on(rgb(0x2A_30_44), 0.2), (w * 0.5, h * 0.12), 4);
    sky::vignette(s);
}
