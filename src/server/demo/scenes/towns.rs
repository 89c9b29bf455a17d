//! Streets and skylines.

use crate::server::demo::colour::rgb;
use crate::server::demo::motifs::{buildings, land, sky, vehicles};
use crate::server::demo::outline::{Outline, Place};
use crate::server::demo::scene::{Paint, Scene};

pub(super) fn street(s: &mut Scene, variant: usize) {
    let light = [sky::NOON, sky::MORNING, sky::EVENING, sky::NOON, sky::MORNING][variant % 5];
    let (w, h, unit) = (s.width, s.height, s.unit());
    sky::sky(s, &light);
    for _ in 0..3 {
        let at = (s.random.range(0.1, 0.9) * w, s.random.range(0.07, 0.22) * h);
        let width = unit * s.random.range(0.2, 0.38);
        sky::cloud(s, &light, at, width);
    }
    let ground = h * 0.66;
    let mut x = -unit * 0.05;
    while x < w {
        let width = unit * s.random.range(0.1, 0.18);
        let height = unit * s.random.range(0.28, 0.5);
        buildings::tower(s, &light, x, ground, width, height, 0.6, None);
        x += width * s.random.range(1.0, 1.3);
    }
    let lawn = light.on(rgb(0x86_B0_5A), 0.1);
    let paint = s.down(&[(0.0, lawn), (1.0, lawn.darker(0.15))]);
    s.draw(&Outline::rect(-2.0, ground - unit * 0.02, w + 4.0, unit * 0.1), paint.as_str());
    let size = unit * 0.34;
    let houses = ((w / (size * 1.12)) as usize).max(1);
    for number in 0..houses {
        let x = w * (number as f64 + 0.5) / houses as f64;
        if s.random.chance(0.75) {
            let width = size * s.random.range(0.9, 1.02);
            buildings::house(s, &light, (x, ground + unit * 0.03), width);
        } else {
            land::broadleaf(s, &light, (x, ground + unit * 0.04), size * 1.15, 0.05);
        }
    }
    // Pavement, road and its marking.
    let stone = light.on(rgb(0xC8_C2_B8), 0.0);
    let paint = s.down(&[(0.0, stone), (1.0, stone.darker(0.15))]);
    s.draw(&Outline::rect(0.0, ground + unit * 0.055, w, h * 0.06), paint.as_str());
    let road_top = ground + unit * 0.055 + h * 0.06;
    let paint = s.down(&[(0.0, light.on(rgb(0x6A_6C_76), 0.0)), (1.0, light.on(rgb(0x3C_3E_48), 0.0))]);
    s.draw_as("Road", &Outline::rect(0.0, road_top, w, h - road_top), paint.as_str());
    let middle = road_top + (h - road_top) * 0.5;
    for dash in 0..14 {
        let x = w * (f64::from(dash) + 0.15) / 14.0;
        s.draw(
            &Outline::rect(x, middle - unit * 0.005, w / 14.0 * 0.55, unit * 0.01),
            Paint::from(rgb(0xF4_F0_E0)).opacity(0.85),
        );
    }
    s.mark("Road marking", &Outline::polyline(&[(0.0, middle), (w, middle)]));
    // Poles with wires that sag between them.
    let poles: Vec<Place> =
        (0..4).map(|number| (w * (0.06 + 0.3 * f64::from(number)), ground + unit * 0.075)).collect();
    let height = unit * 0.56;
    for &(x, y) in &poles {
        let wood = light.on(rgb(0x5A_48_3C), 0.0);
        s.draw(&Outline::polyline(&[(x, y), (x, y - height)]), Paint::line(wood, unit * 0.011));
        s.draw(
            &Outline::polyline(&[(x - unit * 0.045, y - height * 0.95), (x + unit * 0.045, y - height * 0.95)]),
            Paint::line(wood, unit * 0.009),
        );
    }
    for side in [-0.04, 0.04] {
        let mut wire = Outline::from((poles[0].0 + side * unit, poles[0].1 - height * 0.95));
        for pair in poles.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let y = from.1 - height * 0.95;
            let third = (to.0 - from.0) / 3.0;
            wire = wire.curve_to(
                (from.0 + third + side * unit, y + unit * 0.05),
                (to.0 - third + side * unit, y + unit * 0.05),
                (to.0 + side * unit, y),
            );
        }
        s.draw(&wire, Paint::line(rgb(0x22_24_2C), unit * 0.0028).opacity(0.85));
        s.mark("Power line", &wire);
    }
    for number in 0..2 {
        let x = w * (0.2 + 0.52 * f64::from(number));
        buildings::street_lamp(s, &light, (x, road_top + unit * 0.004), unit * 0.36);
    }
    let lanes = [(road_top + (h - road_top) * 0.32, 0.27, false), (road_top + (h - road_top) * 0.88, 0.36, true)];
    for (y, length, mirrored) in lanes {
        let cars = ((w / (unit * length * 1.5)) as usize).clamp(1, 4);
        for number in 0..cars {
            if number == 0 || s.random.chance(0.75) {
                let x = w * (number as f64 + s.random.range(0.35, 0.65)) / cars as f64;
                vehicles::car(s, &light, (x, y), unit * length, mirrored);
            }
        }
    }
    sky::vignette(s);
}

pub(super) fn skyline(s: &mut Scene, variant: usize) {
    let light = if variant % 4 == 3 { sky::EVENING } else { sky::NIGHT };
    let (w, h, unit) = (s.width, s.height, s.unit());
    sky::sky(s, &light);
    let horizon = h * 0.74;
    let moon_x = w * s.random.range(0.15, 0.85);
    if light.dusk > 0.5 {
        sky::stars(s, 220, 6, h * 0.45);
        sky::moon(s, (moon_x, h * 0.18), unit * 0.065);
    } else {
        sky::sun(s, &light, (moon_x, h * 0.5), unit * 0.07);
    }
    let cloud_at = (w * s.random.range(0.2, 0.8), h * 0.3);
    sky::cloud(s, &light, cloud_at, unit * 0.4);
    for (distance, low, high, object) in
        [(0.65, 0.2, 0.42, None), (0.32, 0.18, 0.5, Some("Skyscraper")), (0.0, 0.1, 0.34, Some("Skyscraper"))]
    {
        let mut x = -unit * s.random.range(0.0, 0.1);
        while x < w {
            let width = unit * s.random.range(0.09, 0.16);
            let height = unit * s.random.range(low, high);
            // Between towers of the same row lies some sky, so that their outlines do not touch.
            buildings::tower(s, &light, x, horizon, width, height, distance, object);
            x += width + unit * s.random.range(0.02, if distance == 0.0 { 0.22 } else { 0.1 });
        }
    }
    land::water(s, &light, horizon, h + 2.0, (light.dusk < 0.5).then_some(moon_x));
    // Lamplight on the water.
    for _ in 0..70 {
        let (x, t) = (s.random.range(0.0, w), s.random.unit());
        let (y, length) = (horizon + (h - horizon) * t * 0.7, unit * s.random.range(0.01, 0.035));
        let colour = s.random.pick(&[rgb(0xFF_DD_8A), rgb(0xFF_B0_70), rgb(0x9A_D0_FF)]);
        s.draw(
            &Outline::polyline(&[(x - length, y), (x + length, y)]),
            Paint::line(colour, unit * 0.003).opacity(0.45),
        );
    }
    let quay = horizon + unit * 0.006;
    s.draw(&Outline::polyline(&[(-5.0, quay), (w + 5.0, quay)]), Paint::line(rgb(0x0C_10_20), unit * 0.016));
    s.mark("Horizon", &Outline::polyline(&[(0.0, quay), (w, quay)]));
    let boat = (w * s.random.range(0.25, 0.75), h * 0.88);
    vehicles::sailing_boat(s, &light, boat, unit * 0.2, variant.is_multiple_of(2));
    sky::vignette(s);
}
