//! What the editor does without a browser with 100,000 regions and with 100,000 corners:
//! `cargo bench --no-default-features --bench scene`.

use criterion::{Criterion, criterion_group, criterion_main};
use ocellus::editor::{Access, Editor, Input, Pointer};
use ocellus::geometry::{Point, Rect, ScreenPoint, Shape, Size, trace};
use ocellus::model::region::{Annotations, Region};
use std::f64::consts::TAU;
use std::hint::black_box;

fn ring(x: f64, y: f64, reach: f64, corners: usize) -> Shape {
    let angles = (0..corners).map(|corner| corner as f64 / corners as f64 * TAU);
    Shape::Polygon(angles.map(|angle| Point { x: x + reach * angle.cos(), y: y + reach * angle.sin() }).collect())
}

/// Shapes of all sizes all over the picture; every third is a box.
fn many(count: usize) -> Annotations {
    let mut state = 7_u32;
    let mut next = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state) / 2_f64.powi(32)
    };
    let mut region = |index: usize| {
        let reach = 0.002 * 20_f64.powf(next());
        let (x, y) = (reach + next() * (1.0 - 2.0 * reach), reach + next() * (1.0 - 2.0 * reach));
        let rect = Rect { x: x - reach, y: y - reach, w: 2.0 * reach, h: 2.0 * reach };
        let shape = if index.is_multiple_of(3) { Shape::Bbox(rect) } else { ring(x, y, reach, 13) };
        Region { id: Some(index as i64 + 1), shape, object: format!("Object {}", index % 24) }
    };
    Annotations { revision: 1, regions: (0..count).map(&mut region).collect() }
}

fn editor(annotations: Annotations) -> Editor {
    let mut editor = Editor::new(Size::new(4000.0, 3000.0), annotations, Access::Write);
    editor.handle(Input::Resize(Size::new(1000.0, 700.0)));
    editor
}

fn scene(criterion: &mut Criterion) {
    let annotations = many(100_000);
    let mut group = criterion.benchmark_group("scene");
    group.sample_size(10);
    group.bench_function("open 100,000 regions", |bencher| {
        bencher.iter_with_large_drop(|| editor(black_box(annotations.clone())));
    });
    let mut open = editor(annotations);
    group.sample_size(50);
    group.bench_function("what is in view of 100,000 regions, a hundredth of the picture", |bencher| {
        let mut positions = Vec::new();
        bencher.iter(|| {
            positions.clear();
            open.resting_in(black_box(Rect { x: 0.4, y: 0.4, w: 0.1, h: 0.1 }), &mut positions);
            positions.len()
        });
    });
    group.bench_function("the pointer moves over 100,000 regions", |bencher| {
        let mut step = 0.0;
        bencher.iter(|| {
            step = (step + 7.3) % 500.0;
            open.handle(Input::Move(Pointer::mouse(ScreenPoint::new(250.0 + step, 350.0))))
        });
    });
    let coast = ring(0.5, 0.5, 0.45, 100_000);
    let one = Annotations { revision: 1, regions: vec![Region { id: Some(1), shape: coast, object: "Coast".into() }] };
    let mut open = editor(one);
    group.bench_function("the pointer moves over a polygon of 100,000 corners", |bencher| {
        let mut step = 0.0;
        bencher.iter(|| {
            step = (step + 7.3) % 500.0;
            open.handle(Input::Move(Pointer::mouse(ScreenPoint::new(250.0 + step, 350.0))))
        });
    });
    group.bench_function("a polygon of 100,000 corners is followed for drawing", |bencher| {
        let Shape::Polygon(points) = &open.document().items()[0].region.shape else { return };
        bencher.iter(|| {
            let mut corners = 0;
            trace(points, open.view(), open.view().surface_on_screen(), |_| corners += 1);
            corners
        });
    });
    group.finish();
}

criterion_group!(benches, scene);
criterion_main!(benches);
