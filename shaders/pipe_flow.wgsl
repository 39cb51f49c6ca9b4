// Pipes as camera-facing ribbons that look like tubes, with the direction of flow on them.
//
// Two triangles a segment. The vertex shader moves each pipe of a trench to its side and widens it to its diameter, never
// below a smallest width in pixels, so that a city seen from far away still shows its network. Colours come from a
// storage buffer by element, so that a new solution costs one small upload and no mesh.

#import bevy_pbr::mesh_view_bindings::view

struct PipeState {
    // Colour at the `from` end; a: velocity in m/s along from → to.
    start: vec4<f32>,
    // Colour at the `to` end; a: 0 normal, 1 no flow possible (shut).
    end: vec4<f32>,
    // Colours along the pipe at equal distances, ends included; x: first in `knots`, y: how many (0: start to end).
    along: vec4<f32>,
}

struct Look {
    // x: shown diameter over true diameter, y: smallest half width in pixels, z: half gap between the pipes in pixels,
    // w: how far to pull towards the eye, m.
    size: vec4<f32>,
    // x: seconds, y: 1 draws flow arrows, z: element under the cursor, w: element selected (−1: none).
    motion: vec4<f32>,
    // Edge of supply pipes; a: strength.
    casing_supply: vec4<f32>,
    // Edge of return pipes; a: strength.
    casing_return: vec4<f32>,
    highlight: vec4<f32>,
    // x: opacity of the whole layer.
    layer: vec4<f32>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> look: Look;
@group(#{MATERIAL_BIND_GROUP}) @binding(1) var<storage, read> states: array<PipeState>;
@group(#{MATERIAL_BIND_GROUP}) @binding(2) var<storage, read> knots: array<vec4<f32>>;

struct Vertex {
    // Point on the axis of the trench.
    @location(0) position: vec3<f32>,
    // Direction of the pipe from → to; zero for the round joint at a node.
    @location(1) tangent: vec3<f32>,
    // x, y: sideways on the ground (x, z) with the length of a mitre; z: greatest radius at this place, m; w: radius, m.
    @location(2) lateral: vec4<f32>,
    // x: across −1…1 (joint: x of the square), y: distance from the start in m (joint: y of the square), z: share 0…1.
    @location(3) place: vec4<f32>,
    // Index into `states`; the top bit marks return pipes.
    @location(4) element: u32,
}

struct Varying {
    @builtin(position) clip: vec4<f32>,
    @location(0) colour: vec4<f32>,
    // x: across, y: along m (joint: y), z: half width px, w: m per pixel
    @location(1) place: vec4<f32>,
    // x: velocity, y: 1 return, z: 1 joint, w: highlight 0…1
    @location(2) @interpolate(flat) kind: vec4<f32>,
    // Share of the length.
    @location(3) share: f32,
    // x: first colour along the pipe, y: how many
    @location(4) @interpolate(flat) along: vec2<f32>,
}

// Smallest half width in pixels: more for thick pipes, so that mains stand out from any distance, and less where a whole
// city crowds the picture. The same rule is in the picking code.
fn least_px(radius_m: f32, pixel_m: f32) -> f32 {
    return look.size.y * (1.0 + 1.9 * sqrt(max(radius_m, 0.0))) * clamp(7.0 / pixel_m, 0.55, 1.0);
}

@vertex
fn vertex(in: Vertex) -> Varying {
    var out: Varying;
    let index = in.element & 0x7fffffffu;
    let is_return = f32(in.element >> 31u);
    let state = states[index];
    let centre = view.clip_from_world * vec4(in.position, 1.0);
    // Size of a pixel at this depth.
    let pixel_m = 2.0 * max(centre.w, 0.1) / (view.clip_from_view[1][1] * view.viewport.w);

    var marked = 0.0;
    if f32(index) == look.motion.w { marked = 1.0; } else if f32(index) == look.motion.z { marked = 0.6; }

    let thinner = 1.0 - 0.25 * is_return;
    let natural = max(in.lateral.w * look.size.x, least_px(in.lateral.w, pixel_m) * pixel_m);
    let widest = max(in.lateral.z * look.size.x, least_px(in.lateral.z, pixel_m) * pixel_m);
    let half_m = natural * thinner + marked * 1.2 * pixel_m;
    let aside = in.lateral.xy * (widest + look.size.z * pixel_m);
    let axis = in.position + vec3(aside.x, 0.0, aside.y);
    let to_eye = normalize(view.world_position - axis);

    // One pixel more on each side carries the soft edge.
    let grown = half_m + pixel_m;
    var world = axis;
    let joint = dot(in.tangent, in.tangent) < 0.5;
    if joint {
        world += (view.world_from_view[0].xyz * in.place.x + view.world_from_view[1].xyz * in.place.y) * grown;
    } else {
        let side = cross(in.tangent, to_eye);
        let size = length(side);
        if size > 1e-4 { world += side / size * in.place.x * grown; }
    }
    out.clip = view.clip_from_world * vec4(world, 1.0);
    // Supply lies above return where they cross.
    let pull = look.size.w * (1.0 + 0.5 * (1.0 - is_return)) + 2.0 * pixel_m;
    let pulled = view.clip_from_world * vec4(world + to_eye * pull, 1.0);
    out.clip.z = pulled.z / max(pulled.w, 1e-4) * out.clip.w;

    let share = select(in.place.z, 0.5, joint);
    out.colour = mix(vec4(state.start.rgb, 1.0), vec4(state.end.rgb, 1.0), share);
    out.share = share;
    out.along = state.along.xy;
    let scale = grown / half_m;
    out.place = vec4(in.place.x * scale, select(in.place.y, in.place.y * scale, joint), half_m / pixel_m, pixel_m);
    out.kind = vec4(state.start.a, is_return, select(0.0, 1.0, joint), marked);
    return out;
}

@fragment
fn fragment(in: Varying) -> @location(0) vec4<f32> {
    let joint = in.kind.z > 0.5;
    let half_px = in.place.z;
    var across = abs(in.place.x);
    if joint { across = length(in.place.xy); }
    // Distance from the edge in pixels, positive inside.
    let inside_px = (1.0 - across) * half_px;
    let cover = clamp(inside_px + 0.5, 0.0, 1.0);
    if cover <= 0.0 { discard; }

    var colour = in.colour.rgb;
    if in.along.y > 1.5 {
        let at = clamp(in.share, 0.0, 1.0) * (in.along.y - 1.0);
        let before = min(floor(at), in.along.y - 2.0);
        let first = u32(in.along.x + before + 0.5);
        colour = mix(knots[first].rgb, knots[first + 1u].rgb, at - before);
    }
    let casing = select(look.casing_supply, look.casing_return, in.kind.y > 0.5);
    // Roundness and edge appear as soon as there is room for them; a thin line keeps its exact colour.
    let room = smoothstep(2.0, 4.5, half_px);
    let round = 1.0 - 0.22 * room * across * across;
    colour *= round;
    let edge = (1.0 - smoothstep(0.6, 1.6, inside_px)) * room;
    colour = mix(colour, casing.rgb, edge * casing.a);
    // The return pipe carries a dark thread along its axis.
    if in.kind.y > 0.5 && !joint {
        let thread = 1.0 - smoothstep(0.5, 1.3, across * half_px);
        colour = mix(colour, casing.rgb, thread * 0.55 * smoothstep(1.6, 3.0, half_px));
    }
    if look.motion.y > 0.5 && !joint && abs(in.kind.x) > 1e-4 {
        // Chevrons: fixed on the pipe, spaced by powers of two so that they stay readable at every distance.
        let period_m = exp2(ceil(log2(34.0 * in.place.w)));
        let heading = sign(in.kind.x);
        let moved = in.place.y - look.motion.x * clamp(in.kind.x, -3.0, 3.0) * period_m * 0.35;
        let phase = fract((heading * moved + across * half_px * in.place.w * 0.9) / period_m);
        let blade_px = phase * period_m / in.place.w;
        let blade = smoothstep(0.0, 1.0, blade_px) * (1.0 - smoothstep(2.6, 3.6, blade_px));
        let strength = blade * smoothstep(2.4, 3.6, half_px) * (1.0 - smoothstep(0.72, 0.9, across));
        colour = mix(colour, vec3(1.0), 0.75 * strength * (1.0 - 0.2 * in.kind.y));
    }
    if in.kind.w > 0.0 {
        let rim = 1.0 - smoothstep(1.2, 2.2, inside_px);
        colour = mix(colour, look.highlight.rgb, rim);
    }
    return vec4(colour, cover * look.layer.x);
}
