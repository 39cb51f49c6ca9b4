// Ground, streets, buildings and plants: vertex colours under one soft light.
//
// The light is computed per vertex (all these surfaces are flat), so that a software adapter pays nothing for it. No
// textures, no shadow maps: the map is a background and must stay calm.

#import bevy_pbr::mesh_view_bindings::view

struct Look {
    // Sky colour the far ground fades into; a: distance at which it begins, m.
    haze: vec4<f32>,
    // Direction towards the light; w: share of light that comes from everywhere.
    light: vec4<f32>,
    // x: step of contour lines in m (0: none), y: how far to pull towards the eye, m,
    // z: element under the cursor, w: element selected (as float; −1: none).
    options: vec4<f32>,
    // Colour of contour lines; a: strength.
    contour: vec4<f32>,
    // Colour of the element under the cursor.
    highlight: vec4<f32>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> look: Look;
// Colour of a value by element; a: how much of it shows.
@group(#{MATERIAL_BIND_GROUP}) @binding(1) var<storage, read> tints: array<vec4<f32>>;

struct Vertex {
    @location(0) position: vec3<f32>,
    @location(1) normal: vec3<f32>,
    @location(2) colour: vec4<f32>,
    @location(3) element: u32,
}

struct Varying {
    @builtin(position) clip: vec4<f32>,
    @location(0) colour: vec4<f32>,
    @location(1) height_m: f32,
    @location(2) fade: f32,
}

@vertex
fn vertex(in: Vertex) -> Varying {
    var out: Varying;
    let to_eye = view.world_position - in.position;
    let distance = length(to_eye);
    out.clip = view.clip_from_world * vec4(in.position, 1.0);
    let pulled = view.clip_from_world * vec4(in.position + to_eye / distance * min(look.options.y, 0.5 * distance), 1.0);
    out.clip.z = pulled.z / pulled.w * out.clip.w;

    let direct = max(dot(in.normal, look.light.xyz), 0.0);
    let sky = 0.5 + 0.5 * in.normal.y;
    let light = look.light.w * (0.75 + 0.25 * sky) + (1.0 - look.light.w) * direct;
    var own = in.colour.rgb;
    if in.element < arrayLength(&tints) {
        let tint = tints[in.element];
        own = mix(own, tint.rgb, tint.a);
    }
    out.colour = vec4(own * light, in.colour.a);
    let element = f32(in.element);
    if element == look.options.z || element == look.options.w {
        out.colour = vec4(mix(out.colour.rgb, look.highlight.rgb, 0.55), in.colour.a);
    }
    out.height_m = in.position.y;
    out.fade = clamp((distance - look.haze.a) / (look.haze.a * 2.5), 0.0, 1.0);
    return out;
}

@fragment
fn fragment(in: Varying) -> @location(0) vec4<f32> {
    var colour = in.colour.rgb;
    if look.options.x > 0.0 {
        let level = in.height_m / look.options.x;
        let slope = max(fwidth(level), 1e-5);
        let line = 1.0 - clamp(abs(fract(level - 0.5) - 0.5) / slope, 0.0, 1.0);
        // On ground so flat that one line would fill the screen, or so steep that lines merge, none is drawn.
        let strength = look.contour.a * line * smoothstep(0.45, 0.15, slope) * smoothstep(0.0, 0.0004, slope);
        colour = mix(colour, look.contour.rgb, strength * (1.0 - in.fade));
    }
    // Vertex alpha fades the rim of the ground into the background.
    let towards_sky = max(in.fade * in.fade, 1.0 - in.colour.a);
    return vec4(mix(colour, look.haze.rgb, towards_sky), 1.0);
}
