// Symbols of the field: valves, pumps, substations, sources, chambers, as signs that face the camera.
//
// Drawn as distance fields, sharp at every size. A sign has a size in metres, kept between a smallest and a greatest size
// in pixels; where even the smallest would be a crowd it vanishes, unless it has something to say (a closed valve, an
// unsatisfied consumer).

#import bevy_pbr::mesh_view_bindings::view

struct SymbolState {
    // Fill colour; a: 1 keeps the sign visible from any distance.
    fill: vec4<f32>,
    // x: opening 0…1 (valve) or running (pump), y: 0 fine, 1 stuck, 2 unreachable or unknown, z: alert.
    values: vec4<f32>,
}

struct Look {
    // x: unused, y: half gap between the pipes in pixels, z: smallest half width of pipes in pixels, w: shown over true diameter.
    size: vec4<f32>,
    // z: element under the cursor, w: element selected (−1: none).
    motion: vec4<f32>,
    ink: vec4<f32>,
    paper: vec4<f32>,
    alert: vec4<f32>,
    warn: vec4<f32>,
    highlight: vec4<f32>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> look: Look;
@group(#{MATERIAL_BIND_GROUP}) @binding(1) var<storage, read> states: array<SymbolState>;

struct Vertex {
    @location(0) position: vec3<f32>,
    // x, y: sideways on the ground; z: greatest pipe radius here, m; w: size of the sign, m.
    @location(1) lateral: vec4<f32>,
    // x, y: corner −1…1; z: smallest, w: greatest half size in pixels.
    @location(2) corner: vec4<f32>,
    // Direction of the pipe, for the turn of the sign.
    @location(3) tangent: vec3<f32>,
    // Low 24 bits: index into `states`; above: kind.
    @location(4) element: u32,
}

struct Varying {
    @builtin(position) clip: vec4<f32>,
    // x, y: place in the sign (y up), z: half size px
    @location(0) place: vec3<f32>,
    @location(1) @interpolate(flat) index: u32,
    @location(2) @interpolate(flat) kind: u32,
    @location(3) @interpolate(flat) turn: vec2<f32>,
    @location(4) @interpolate(flat) marked: f32,
    @location(5) opacity: f32,
}

@vertex
fn vertex(in: Vertex) -> Varying {
    var out: Varying;
    let index = in.element & 0xffffffu;
    let state = states[index];
    let centre = view.clip_from_world * vec4(in.position, 1.0);
    let pixel_m = 2.0 * max(centre.w, 0.1) / (view.clip_from_view[1][1] * view.viewport.w);
    var marked = 0.0;
    if f32(index) == look.motion.w { marked = 1.0; } else if f32(index) == look.motion.z { marked = 0.6; }
    let keep = max(state.fill.a, marked);

    let natural_px = in.lateral.w / pixel_m;
    // Fades out where it would be less than half its smallest size.
    var opacity = smoothstep(0.6, 0.9, natural_px / in.corner.z);
    if keep > 0.5 { opacity = 1.0; }
    var half_px = clamp(natural_px, in.corner.z, in.corner.w);
    half_px *= 1.0 + 0.25 * marked;
    if opacity < 0.01 { half_px = 0.0; }

    let least_px = look.size.z * (1.0 + 1.9 * sqrt(max(in.lateral.z, 0.0))) * clamp(7.0 / pixel_m, 0.55, 1.0);
    let pipe_m = max(in.lateral.z * look.size.w, least_px * pixel_m);
    let aside_m = max(pipe_m + look.size.y * pixel_m, half_px * pixel_m * 1.04);
    let aside = in.lateral.xy * aside_m;
    let axis = in.position + vec3(aside.x, 0.0, aside.y);
    let grown_m = (half_px + 2.0) * pixel_m;
    let world = axis + (view.world_from_view[0].xyz * in.corner.x + view.world_from_view[1].xyz * in.corner.y) * grown_m;
    out.clip = view.clip_from_world * vec4(world, 1.0);
    let to_eye = normalize(view.world_position - world);
    let pulled = view.clip_from_world * vec4(world + to_eye * (12.0 + (12.0 + 2.5 * half_px) * pixel_m), 1.0);
    out.clip.z = pulled.z / max(pulled.w, 1e-4) * out.clip.w;
    if half_px <= 0.0 { out.clip = vec4(0.0, 0.0, 0.0, 1.0); }

    out.place = vec3(in.corner.xy * (half_px + 2.0), half_px);
    out.index = index;
    out.kind = in.element >> 24u;
    let ahead = (view.view_from_world * vec4(in.tangent, 0.0)).xy;
    let size = length(ahead);
    out.turn = select(vec2(1.0, 0.0), ahead / max(size, 1e-6), size > 1e-3);
    out.marked = marked;
    out.opacity = opacity;
    return out;
}

fn box_distance(p: vec2<f32>, half: vec2<f32>, corner: f32) -> f32 {
    let q = abs(p) - half + corner;
    return length(max(q, vec2(0.0))) + min(max(q.x, q.y), 0.0) - corner;
}

// Two triangles that meet in the middle: the valve of every flow sheet. Half length a, half height b.
fn bow_tie_distance(p: vec2<f32>, a: f32, b: f32) -> f32 {
    let q = abs(p);
    let normal = normalize(vec2(-b, a));
    return max(dot(q, normal), q.x - a);
}

fn triangle_distance(p: vec2<f32>, r: f32) -> f32 {
    // Points along +x.
    let normal = vec2(0.5, 0.8660254);
    return max(dot(vec2(p.x, abs(p.y)), normal) - r * 0.5, -p.x - r * 0.5);
}

fn ink_over(under: vec4<f32>, colour: vec3<f32>, distance_px: f32) -> vec4<f32> {
    let cover = clamp(0.5 - distance_px, 0.0, 1.0);
    return vec4(mix(under.rgb, colour, cover), max(under.a, cover));
}

@fragment
fn fragment(in: Varying) -> @location(0) vec4<f32> {
    let state = states[in.index];
    let r = in.place.z;
    let p = in.place.xy;
    // Along the pipe and across it.
    let turned = vec2(dot(p, in.turn), dot(p, vec2(-in.turn.y, in.turn.x)));
    let line = clamp(r * 0.13, 1.0, 2.2);
    var out = vec4(0.0);
    var rim = look.ink.rgb;
    if state.values.z > 0.5 { rim = look.alert.rgb; }
    if in.marked > 0.0 { rim = look.highlight.rgb; }
    let rim_px = line + 1.2 * in.marked + select(0.0, 0.8, state.values.z > 0.5);

    if in.kind == 0u || in.kind == 5u {
        // Valve: white badge and hollow bow tie while open, red badge and full bow tie when shut.
        let badge = length(p) - r + 0.5;
        let shut = state.values.x < 0.005;
        let face = select(look.paper.rgb, look.alert.rgb, shut);
        let mark = select(look.ink.rgb, look.paper.rgb, shut);
        out = ink_over(out, rim, badge);
        out = ink_over(out, face, badge + rim_px);
        let tie = bow_tie_distance(turned, r * 0.62, r * 0.42);
        out = ink_over(out, mark, tie);
        if !shut {
            // The part of the bow tie that is paper again shows how far the valve is open.
            let hollow = max(tie + line, abs(turned.y) - r * 0.42 * state.values.x);
            out = ink_over(out, face, hollow);
        } else {
            out = ink_over(out, mark, box_distance(turned, vec2(line * 0.6, r * 0.55), 0.0));
        }
        if state.values.y > 0.5 {
            // Stuck: an amber bar across; unknown or unreachable: an amber ring.
            let bar = box_distance(vec2(dot(p, vec2(0.7071, 0.7071)), dot(p, vec2(-0.7071, 0.7071))), vec2(r * 0.95, line * 0.8), 0.0);
            let ring = abs(length(p) - r + line) - line * 0.8;
            out = ink_over(out, look.warn.rgb, select(ring, min(bar, ring), state.values.y < 1.5));
        }
    } else if in.kind == 1u {
        // Pump: a circle with a triangle in the direction of flow.
        let badge = length(p) - r + 0.5;
        let running = state.values.x > 0.5;
        out = ink_over(out, rim, badge);
        out = ink_over(out, select(vec3(0.62), look.paper.rgb, running), badge + rim_px);
        out = ink_over(out, look.ink.rgb, triangle_distance(turned, r * 0.62));
    } else if in.kind == 2u {
        // Substation: a square with the zigzag of an exchanger, filled with the colour of its value.
        let badge = box_distance(p, vec2(r * 0.86), r * 0.22);
        out = ink_over(out, look.paper.rgb, badge - 1.0);
        out = ink_over(out, rim, badge);
        out = ink_over(out, state.fill.rgb, badge + rim_px);
        let wave = abs(fract(p.x / (r * 0.86) * 1.0 + 0.25) * 2.0 - 1.0) * r * 0.5 - r * 0.25;
        let zigzag = max(abs(p.y - wave) * 0.72 - line * 0.5, abs(p.x) - r * 0.6);
        let luma = dot(state.fill.rgb, vec3(0.21, 0.72, 0.07));
        if r > 6.0 { out = ink_over(out, select(vec3(1.0), look.ink.rgb, luma > 0.35), zigzag); }
    } else if in.kind == 3u {
        // Source: a large disc with a flame.
        let badge = length(p) - r + 0.5;
        out = ink_over(out, look.paper.rgb, badge - 1.5);
        out = ink_over(out, rim, badge);
        out = ink_over(out, state.fill.rgb, badge + rim_px + 0.5);
        let bulb = length(p - vec2(0.0, -r * 0.16)) - r * 0.36;
        let q = p - vec2(0.0, r * 0.04);
        let tip = max(dot(vec2(abs(q.x), q.y), normalize(vec2(0.62, 0.34))) - r * 0.20, -q.y - r * 0.1);
        out = ink_over(out, look.paper.rgb, min(bulb, tip));
        out = ink_over(out, state.fill.rgb, length(p - vec2(0.0, -r * 0.24)) - r * 0.15);
    } else {
        // Chamber: a small open square.
        let badge = box_distance(p, vec2(r * 0.8), 1.0);
        out = ink_over(out, rim, badge);
        out = ink_over(out, look.paper.rgb, badge + line);
    }
    if out.a <= 0.0 { discard; }
    return vec4(out.rgb, out.a * in.opacity);
}
