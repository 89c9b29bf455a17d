//! How many pictures a second one core turns into thumbnails: `cargo bench --bench thumbnails`.
//!
//! The pictures look like photographs to a codec: smooth shades, edges, and sensor noise that compression has to pay for.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use image::{Rgb, RgbImage};
use ocellus::server::images::{inspect_file, thumbnails_of_file};
use std::hint::black_box;
use std::time::Duration;

/// A photograph of nothing.
fn photograph(width: u32, height: u32) -> RgbImage {
    let mut state = 0x9E37_79B9_u32;
    RgbImage::from_fn(width, height, |x, y| {
        let (u, v) = (x as f32 / width as f32, y as f32 / height as f32);
        let hills = (u * 9.0).sin() * 0.1 + (u * 31.0).sin() * 0.03 + 0.55;
        let detail = ((u * 900.0).sin() * (v * 700.0).cos() * 18.0) * if v > hills { 1.0 } else { 0.15 };
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = (state >> 24) as f32 / 255.0 * 14.0 - 7.0;
        let base = if v > hills { [70.0, 120.0 - 60.0 * u, 50.0] } else { [120.0 + 90.0 * v, 160.0 + 50.0 * v, 230.0] };
        Rgb(base.map(|channel: f32| (channel + detail + noise).clamp(0.0, 255.0) as u8))
    })
}

fn thumbnails(criterion: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mut group = criterion.benchmark_group("thumbnails");
    group.throughput(Throughput::Elements(1)).measurement_time(Duration::from_secs(8)).sample_size(20);
    for (name, width, height) in [("640x480 JPEG", 640, 480), ("12 MP JPEG", 4000, 3000), ("24 MP JPEG", 6000, 4000)] {
        let path = dir.path().join(format!("{width}.jpg"));
        let mut bytes = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 90);
        encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
        let picture = photograph(width, height);
        encoder.encode(&picture, width as u16, height as u16, jpeg_encoder::ColorType::Rgb).expect("a JPEG");
        std::fs::write(&path, &bytes).expect("a file");
        println!("{name}: {} bytes", bytes.len());
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let inspected = inspect_file(&path, 200_000_000).expect("a picture");
                black_box(thumbnails_of_file(&path, &inspected).expect("thumbnails"))
            });
        });
    }
    let path = dir.path().join("picture.png");
    photograph(4000, 3000).save(&path).expect("a PNG");
    group.bench_function("12 MP PNG", |bencher| {
        bencher.iter(|| {
            let inspected = inspect_file(&path, 200_000_000).expect("a picture");
            black_box(thumbnails_of_file(&path, &inspected).expect("thumbnails"))
        });
    });
    group.finish();
}

criterion_group!(benches, thumbnails);
criterion_main!(benches);
