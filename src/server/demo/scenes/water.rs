//! Scenes on the sea and under it.

use crate::server::demo::colour::rgb;
use crate::server::demo::motifs::{animals, buildings, land, sky, vehicles};
use crate::server::demo::outline::{Outline, Place};
use crate::server::demo::scene::{Paint, Scene};

pub(super) fn harbour(s: &mut Scene, variant: usize) {
    let light = [sky::NOON, sky::EVENING, sky::MORNING, sky::NIGHT, sky::NOON][variant % 5];
    let night = light.dusk > 0.5;
    let (w, h, unit) = (s.width, s.height, s.unit());
    sky::sky(s, &light);
    let horizon = h * 0.55;
    let sun_x = w * s.random.range(0.3, 0.55);
    if night {
        sky::stars(s, 160, 5, horizon * 0.9);
        sky::moon(s, (sun_x, h * 0.18), unit * 0.055);
    } else {
        let height = if light.dusk > 0.2 { horizon - unit * 0.06 } else { h * 0.2 };
        sky::sun(s, &light, (sun_x, height), unit * 0.055);
    }
    for _ in 0..s.random.count(2, 4) {
        let at = (s.random.range(0.1, 0.9) * w, s.random.range(0.12, 0.38) * h);
        let width = unit * s.random.range(0.2, 0.4);
        sky::cloud(s, &light, at, width);
    }
    land::water(s, &light, horizon, h + 2.0, Some(sun_x));
    // The headland with its lighthouse.
    let right = s.random.chance(0.6);
    let side = |t: f64| if right { w * (1.0 - t) } else { w * t };
    // As far as the headland leaves it to be seen.
    s.mark("Horizon", &Outline::polyline(&[(side(0.285), horizon), (side(1.0), horizon)]));
    let rock = light.on(rgb(0x5A_5E_58), 0.1);
    let shape: Vec<Place> = [
        (-0.02, 0.62),
        (-0.02, 0.5),
        (0.06, 0.47),
        (0.15, 0.46),
        (0.22, 0.49),
        (0.27, 0.545),
        (0.31, 0.57),
        (0.33, 0.6),
    ]
    .map(|(x, y)| (side(x), h * y + unit * 0.02))
    .to_vec();
    let paint = s.down(&[(0.0, light.on(rgb(0x7A_98_5A), 0.05)), (0.35, rock), (1.0, rock.darker(0.4))]);
    s.draw(&Outline::polygon(&shape), paint.as_str());
    buildings::lighthouse(s, &light, (side(0.14), h * 0.465 + unit * 0.03), unit * 0.36);
    s.draw(
        &Outline::from((side(0.0), h * 0.62)).curve_to(
            (side(0.15), h * 0.628),
            (side(0.25), h * 0.612),
            (side(0.36), h * 0.615),
        ),
        Paint::line(rgb(0xFF_FF_FF), unit * 0.006).opacity(0.5),
    );
    let boats = s.random.count(3, 4);
    let mut places: Vec<(f64, f64)> = (0..boats)
        .map(|number| (0.4 + 0.58 * (number as f64 + 0.4) / boats as f64, s.random.range(0.62, 0.88)))
        .collect();
    places.sort_by(|a, b| a.1.total_cmp(&b.1));
    for (x, y) in places {
        let height = unit * (0.12 + (y - 0.6) * 1.25);
        let mirrored = s.random.chance(0.4);
        vehicles::sailing_boat(s, &light, (side(x), h * y), height, mirrored);
    }
    if !night {
        sky::flock(s, "Bird", light.on(rgb(0xFA_FA_FF), 0.0).darker(0.25), (w * 0.5, h * 0.3), 5);
    }
    sky::vignette(s);
}

pub(super) fn reef(s: &mut Scene, variant: usize) {
    let (w, h, unit) = (s.width, s.height, s.unit());
    let (top, deep) = [
        (rgb(0x7F_E0_E8), rgb(0x0B_4A_86)),
        (rgb(0x58_C8_E8), rgb(0x0A_3A_78)),
        (rgb(0x2A_5A_A0), rgb(0x05_12_3A)),
        (rgb(0xA0_F0_E0), rgb(0x1A_7A_98)),
        (rgb(0x78_D8_F0), rgb(0x12_58_90)),
    ][variant % 5];
    let paint = s.down(&[(0.0, top), (0.5, top.mix(deep, 0.6)), (1.0, deep)]);
    s.draw(&Outline::rect(0.0, 0.0, w, h), paint.as_str());
    // Shafts of light from the surface.
    for _ in 0..6 {
        let (x, lean, width) =
            (s.random.range(0.0, w), s.random.range(-0.1, 0.25) * w, unit * s.random.range(0.03, 0.1));
        let shaft =
            Outline::polygon(&[(x, -5.0), (x + width, -5.0), (x + lean + width * 2.2, h * 0.85), (x + lean, h * 0.85)]);
        s.draw(&shaft, Paint::from(rgb(0xFF_FF_FF)).opacity(0.09).blur(unit * 0.012));
    }
    // Rocks far away, in the blue.
    let far = deep.mix(top, 0.25);
    land::hills(s, h * 0.8, h * 0.05, far, far.darker(0.1));
    let sand = rgb(0xE8_D8_A8).mix(deep, 0.3);
    let floor = land::hills(s, h * 0.88, h * 0.015, sand.lighter(0.1), sand.darker(0.3));
    for _ in 0..s.random.count(7, 10) {
        let x = s.random.range(0.02, 0.98) * w;
        let (foot, height) =
            (land::height_at(&floor, x) + unit * s.random.range(0.01, 0.08), unit * s.random.range(0.15, 0.4));
        let green = s.random.pick(&[rgb(0x2F_8A_5A), rgb(0x5A_A0_48), rgb(0x1F_7A_78), rgb(0xA0_4A_68)]);
        let sway = unit * s.random.range(0.02, 0.05);
        let places: Vec<Place> = (0..6)
            .map(|step| {
                let t = f64::from(step) / 5.0;
                (x + sway * (t * 7.0).sin(), foot - height * t)
            })
            .collect();
        let weed = Outline::smooth(&places);
        s.draw(&weed, Paint::line(green.mix(deep, 0.2), unit * 0.018));
        s.draw(&weed, Paint::line(green.lighter(0.25), unit * 0.006));
        s.mark("Seaweed", &weed);
    }
    for _ in 0..s.random.count(1, 3) {
        let at = (s.random.range(0.1, 0.9) * w, h * s.random.range(0.93, 0.96));
        let size = unit * s.random.range(0.09, 0.13);
        let colour = s.random.pick(&[rgb(0xE8_6A_3A), rgb(0xD8_4A_6A), rgb(0xF0_A8_3A)]);
        animals::starfish(s, at, size, colour);
    }
    let jellies = if variant % 5 == 2 { 4 } else { s.random.count(0, 2) };
    for number in 0..jellies {
        let at = (w * (0.2 + 0.22 * number as f64 + s.random.range(-0.05, 0.05)), h * s.random.range(0.15, 0.45));
        let size = unit * s.random.range(0.12, 0.22);
        animals::jellyfish(s, at, size);
    }
    let direction = s.random.chance(0.5);
    for number in 0..s.random.count(6, 9) {
        let at = (w * (0.1 + 0.1 * number as f64 + s.random.range(-0.03, 0.03)), h * s.random.range(0.16, 0.76));
        let length = unit * s.random.range(0.12, 0.24);
        let mirrored = if s.random.chance(0.8) { direction } else { !direction };
        animals::fish(s, at, length, mirrored);
    }
    for _ in 0..5 {
        let mut at = (s.random.range(0.05, 0.95) * w, s.random.range(0.4, 0.85) * h);
        for _ in 0..5 {
            let r = unit * s.random.range(0.004, 0.012);
            s.draw(
                &Outline::circle(at.0, at.1, r),
                Paint::from(rgb(0xFF_FF_FF)).opacity(0.3).edged(rgb(0xFF_FF_FF), unit * 0.0015),
            );
            at = (at.0 + unit * s.random.range(-0.015, 0.015), at.1 - unit * s.random.range(0.03, 0.05));
        }
    }
    sky::vignette(s);
}
