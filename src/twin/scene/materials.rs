//! The three materials of the picture and the vertex layouts they read. Shaders are part of the binary.
//!
//! All are unlit in Bevy's sense: what light there is the shaders compute themselves, so that colours of the ramp arrive
//! on the screen as they were chosen, and a software adapter pays for no shadow maps, clusters or textures.

use bevy::asset::{Asset, Assets, Handle, RenderAssetUsages, uuid_handle};
use bevy::math::Vec4;
use bevy::mesh::{Indices, Mesh, MeshVertexAttribute, MeshVertexBufferLayoutRef, PrimitiveTopology};
use bevy::pbr::{Material, MaterialPipeline, MaterialPipelineKey, MaterialPlugin};
use bevy::prelude::{AlphaMode, App, Plugin};
use bevy::reflect::TypePath;
use bevy::render::render_resource::{
    AsBindGroup, RenderPipelineDescriptor, ShaderType, SpecializedMeshPipelineError, VertexFormat,
};
use bevy::render::storage::ShaderBuffer;
use bevy::shader::{Shader, ShaderRef};

const MAP_SHADER: Handle<Shader> = uuid_handle!("4b0f3a56-6f6c-4c59-9a0e-0d5c3b2a7e01");
const PIPE_SHADER: Handle<Shader> = uuid_handle!("4b0f3a56-6f6c-4c59-9a0e-0d5c3b2a7e02");
const SYMBOL_SHADER: Handle<Shader> = uuid_handle!("4b0f3a56-6f6c-4c59-9a0e-0d5c3b2a7e03");

// Numbers far from those of Bevy's own attributes, as its documentation asks.
const ELEMENT: MeshVertexAttribute = MeshVertexAttribute::new("Element", 731_204_001, VertexFormat::Uint32);
const LATERAL: MeshVertexAttribute = MeshVertexAttribute::new("Lateral", 731_204_002, VertexFormat::Float32x4);
const PLACE: MeshVertexAttribute = MeshVertexAttribute::new("Place", 731_204_003, VertexFormat::Float32x4);
const DIRECTION: MeshVertexAttribute = MeshVertexAttribute::new("Direction", 731_204_004, VertexFormat::Float32x3);
const COLOUR: MeshVertexAttribute = MeshVertexAttribute::new("Colour", 731_204_005, VertexFormat::Float32x4);

/// No element: what uniforms hold where nothing is marked, and vertices that belong to none.
pub const NO_ELEMENT: u32 = 0x7fff_ffff;

/// Index of an element as the shaders compare it.
pub fn as_mark(element: Option<u32>) -> f32 {
    element.map_or(-1.0, |index| index as f32)
}

/// Registers materials and shaders.
pub struct MaterialsPlugin;

impl Plugin for MaterialsPlugin {
    fn build(&self, app: &mut App) {
        let mut shaders = app.world_mut().resource_mut::<Assets<Shader>>();
        for (handle, source, path) in [
            (&MAP_SHADER, include_str!("../../../shaders/map.wgsl"), "shaders/map.wgsl"),
            (&PIPE_SHADER, include_str!("../../../shaders/pipe_flow.wgsl"), "shaders/pipe_flow.wgsl"),
            (&SYMBOL_SHADER, include_str!("../../../shaders/symbol.wgsl"), "shaders/symbol.wgsl"),
        ] {
            // Insertion fails only for handles of another asset collection, which these constants are not.
            let _ = shaders.insert(handle.id(), Shader::from_wgsl(source, path));
        }
        app.add_plugins((
            MaterialPlugin::<MapMaterial>::default(),
            MaterialPlugin::<PipeMaterial>::default(),
            MaterialPlugin::<SymbolMaterial>::default(),
        ));
    }
}

/// Uniforms of `map.wgsl`, described there.
#[derive(Clone, Copy, Debug, ShaderType)]
pub struct MapLook {
    pub haze: Vec4,
    pub light: Vec4,
    pub options: Vec4,
    pub contour: Vec4,
    pub highlight: Vec4,
}

/// Ground, streets, buildings, plants.
#[derive(Asset, TypePath, AsBindGroup, Clone, Debug)]
pub struct MapMaterial {
    #[uniform(0)]
    pub look: MapLook,
    /// Colour and strength by element, see `map.wgsl`.
    #[storage(1, read_only)]
    pub tints: Handle<ShaderBuffer>,
}

/// Uniforms of `pipe_flow.wgsl`, described there.
#[derive(Clone, Copy, Debug, ShaderType)]
pub struct PipeLook {
    pub size: Vec4,
    pub motion: Vec4,
    pub casing_supply: Vec4,
    pub casing_return: Vec4,
    pub highlight: Vec4,
    pub layer: Vec4,
}

/// Pipes.
#[derive(Asset, TypePath, AsBindGroup, Clone, Debug)]
pub struct PipeMaterial {
    #[uniform(0)]
    pub look: PipeLook,
    /// Colours and where those along the pipe begin, see `pipe_flow.wgsl`.
    #[storage(1, read_only)]
    pub states: Handle<ShaderBuffer>,
    /// Colours along pipes.
    #[storage(2, read_only)]
    pub knots: Handle<ShaderBuffer>,
}

/// Uniforms of `symbol.wgsl`, described there.
#[derive(Clone, Copy, Debug, ShaderType)]
pub struct SymbolLook {
    pub size: Vec4,
    pub motion: Vec4,
    pub ink: Vec4,
    pub paper: Vec4,
    pub alert: Vec4,
    pub warn: Vec4,
    pub highlight: Vec4,
}

/// Symbols.
#[derive(Asset, TypePath, AsBindGroup, Clone, Debug)]
pub struct SymbolMaterial {
    #[uniform(0)]
    pub look: SymbolLook,
    /// Fill and values, see `symbol.wgsl`.
    #[storage(1, read_only)]
    pub states: Handle<ShaderBuffer>,
}

impl Material for MapMaterial {
    fn vertex_shader() -> ShaderRef {
        MAP_SHADER.into()
    }

    fn fragment_shader() -> ShaderRef {
        MAP_SHADER.into()
    }

    fn enable_prepass() -> bool {
        false
    }

    fn enable_shadows() -> bool {
        false
    }

    fn specialize(
        _pipeline: &MaterialPipeline,
        descriptor: &mut RenderPipelineDescriptor,
        layout: &MeshVertexBufferLayoutRef,
        _key: MaterialPipelineKey<Self>,
    ) -> Result<(), SpecializedMeshPipelineError> {
        descriptor.vertex.buffers = vec![layout.0.get_layout(&[
            Mesh::ATTRIBUTE_POSITION.at_shader_location(0),
            Mesh::ATTRIBUTE_NORMAL.at_shader_location(1),
            COLOUR.at_shader_location(2),
            ELEMENT.at_shader_location(3),
        ])?];
        Ok(())
    }
}

impl Material for PipeMaterial {
    fn vertex_shader() -> ShaderRef {
        PIPE_SHADER.into()
    }

    fn fragment_shader() -> ShaderRef {
        PIPE_SHADER.into()
    }

    // Blended for its soft edges: smooth lines without multisampling.
    fn alpha_mode(&self) -> AlphaMode {
        AlphaMode::Blend
    }

    fn enable_prepass() -> bool {
        false
    }

    fn enable_shadows() -> bool {
        false
    }

    fn specialize(
        _pipeline: &MaterialPipeline,
        descriptor: &mut RenderPipelineDescriptor,
        layout: &MeshVertexBufferLayoutRef,
        _key: MaterialPipelineKey<Self>,
    ) -> Result<(), SpecializedMeshPipelineError> {
        descriptor.primitive.cull_mode = None;
        descriptor.vertex.buffers = vec![layout.0.get_layout(&[
            Mesh::ATTRIBUTE_POSITION.at_shader_location(0),
            DIRECTION.at_shader_location(1),
            LATERAL.at_shader_location(2),
            PLACE.at_shader_location(3),
            ELEMENT.at_shader_location(4),
        ])?];
        Ok(())
    }
}

impl Material for SymbolMaterial {
    fn vertex_shader() -> ShaderRef {
        SYMBOL_SHADER.into()
    }

    fn fragment_shader() -> ShaderRef {
        SYMBOL_SHADER.into()
    }

    fn alpha_mode(&self) -> AlphaMode {
        AlphaMode::Blend
    }

    // Sorted after the pipes wherever the camera stands.
    fn depth_bias(&self) -> f32 {
        1.0e7
    }

    fn enable_prepass() -> bool {
        false
    }

    fn enable_shadows() -> bool {
        false
    }

    fn specialize(
        _pipeline: &MaterialPipeline,
        descriptor: &mut RenderPipelineDescriptor,
        layout: &MeshVertexBufferLayoutRef,
        _key: MaterialPipelineKey<Self>,
    ) -> Result<(), SpecializedMeshPipelineError> {
        descriptor.primitive.cull_mode = None;
        descriptor.vertex.buffers = vec![layout.0.get_layout(&[
            Mesh::ATTRIBUTE_POSITION.at_shader_location(0),
            LATERAL.at_shader_location(1),
            PLACE.at_shader_location(2),
            DIRECTION.at_shader_location(3),
            ELEMENT.at_shader_location(4),
        ])?];
        Ok(())
    }
}

/// Triangles for [`MapMaterial`] being collected.
#[derive(Clone, Debug, Default)]
pub struct MapMesh {
    positions: Vec<[f32; 3]>,
    normals: Vec<[f32; 3]>,
    colours: Vec<[f32; 4]>,
    elements: Vec<u32>,
    indices: Vec<u32>,
}

impl MapMesh {
    /// Adds a corner and gives its number. The colour is linear; its alpha below 1 fades into the background.
    pub fn corner(&mut self, position: [f32; 3], normal: [f32; 3], colour: [f32; 4], element: u32) -> u32 {
        self.positions.push(position);
        self.normals.push(normal);
        self.colours.push(colour);
        self.elements.push(element);
        (self.positions.len() - 1) as u32
    }

    /// Adds a triangle, counter-clockwise seen from outside.
    pub fn triangle(&mut self, corners: [u32; 3]) {
        self.indices.extend(corners);
    }

    /// Adds a quadrilateral, counter-clockwise seen from outside.
    pub fn quad(&mut self, corners: [u32; 4]) {
        let [a, b, c, d] = corners;
        self.indices.extend([a, b, c, a, c, d]);
    }

    pub fn is_empty(&self) -> bool {
        self.indices.is_empty()
    }

    pub fn build(self) -> Mesh {
        Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::RENDER_WORLD)
            .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, self.positions)
            .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, self.normals)
            .with_inserted_attribute(COLOUR, self.colours)
            .with_inserted_attribute(ELEMENT, self.elements)
            .with_inserted_indices(Indices::U32(self.indices))
    }
}

/// Quads that the shader widens or turns: pipes and symbols.
#[derive(Clone, Debug, Default)]
pub struct SignMesh {
    positions: Vec<[f32; 3]>,
    directions: Vec<[f32; 3]>,
    laterals: Vec<[f32; 4]>,
    places: Vec<[f32; 4]>,
    elements: Vec<u32>,
    indices: Vec<u32>,
}

/// A corner of a [`SignMesh`]; meaning of the numbers as in the shader that draws it.
#[derive(Clone, Copy, Debug)]
pub struct SignCorner {
    pub position: [f32; 3],
    pub direction: [f32; 3],
    pub lateral: [f32; 4],
    pub place: [f32; 4],
    pub element: u32,
}

impl SignMesh {
    pub fn corner(&mut self, corner: SignCorner) -> u32 {
        self.positions.push(corner.position);
        self.directions.push(corner.direction);
        self.laterals.push(corner.lateral);
        self.places.push(corner.place);
        self.elements.push(corner.element);
        (self.positions.len() - 1) as u32
    }

    pub fn quad(&mut self, corners: [u32; 4]) {
        let [a, b, c, d] = corners;
        self.indices.extend([a, b, c, a, c, d]);
    }

    pub fn is_empty(&self) -> bool {
        self.indices.is_empty()
    }

    pub fn build(self) -> Mesh {
        Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::RENDER_WORLD)
            .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, self.positions)
            .with_inserted_attribute(DIRECTION, self.directions)
            .with_inserted_attribute(LATERAL, self.laterals)
            .with_inserted_attribute(PLACE, self.places)
            .with_inserted_attribute(ELEMENT, self.elements)
            .with_inserted_indices(Indices::U32(self.indices))
    }
}
