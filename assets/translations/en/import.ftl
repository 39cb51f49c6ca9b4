# Reading other programs' files: what is wrong (each sentence with its remedy), and what was mended, guessed or left out.

# EPANET input files: errors
inp-no-sections = the file has no section like [JUNCTIONS] or [PIPES]
    .help = check that this is an EPANET input file
inp-too-short = [{ $section }] the line has { $count } words; wanted: { $wanted }
    .help = complete the line
inp-bad-word = [{ $section }] { $field } is "{ $got }"; wanted: { $wanted }
    .help = correct the word
inp-unknown-name = [{ $section }] { $field } names "{ $got }", which is not in { $sections }
    .help = correct the name or define it there
inp-duplicate = [{ $section }] the id "{ $id }" was already given in line { $first }
    .help = rename or remove one of the two
inp-same-ends = [{ $section }] "{ $id }" begins and ends at the same node
    .help = correct one of its ends

# EPANET input files: findings
inp-note-unknown-section = section [{ $name }] (line { $line }) is not one of EPANET's and was left out
inp-note-unknown-option = option { $name } (line { $line }) is not one of EPANET's and was left out
inp-note-pressure-driven = the demands fall with the pressure in the file (PDA); here they are taken in full
inp-note-emitters = emitters left out: { $count } ({ $list }); outflow that follows the pressure is not in the steady state
inp-note-leakage = pipes whose leakage was left out: { $count } ({ $list })
inp-note-fixed-open = this { $type } is fixed open; it became an open valve with its loss coefficient, the set value was dropped
inp-note-metric-power = its power of { $power } kW is taken as EPANET 2.3 takes it, divided twice by 0.7457 on the way to horsepower
inp-note-volume-curve = the tank's volume curve was replaced by its mean diameter
inp-note-controls-applied = controls that act at hour 0: { $count }; they have set { $list }
inp-note-controls-later = controls that do not act at hour 0, left out: { $count } (lines { $lines })
inp-note-controls-pressure = controls on the pressure of a junction, left out: { $count } (lines { $lines })
inp-note-rules = rules, which act only after hour 0, left out: { $count }
inp-note-patterns = demands, speeds and heads are those of hour 0 (pattern period { $period }); the patterns were left out
inp-note-unused-sections = sections without bearing on flows and pressures were left out: { $list }
inp-note-scale = the coordinates were multiplied by { $scale } so that distances agree with the pipe lengths
inp-note-placed = nodes without coordinates, placed among their neighbours: { $count } ({ $list })

# Writing EPANET input files: findings
inp-export-renamed = is called { $name } in the file: EPANET's names have no blanks and at most 31 characters
inp-export-consumers = consumers that became fixed demands at their two nodes: { $count }
inp-export-heat = consumers that ask for heat: { $count }; their flow was computed for a supply of { $supply } °C
inp-export-source-fixed = the source became { $count } fixed heads at its nodes
inp-export-source-rise = the source became a pump with a level curve
inp-export-source-flow = the source became fixed demands at its two nodes
inp-export-source-lost = its control has no counterpart in EPANET; the source was left out
inp-export-make-up = the make-up became a fixed head without limit
inp-export-check-valve = the check valve became a short pipe with check valve
inp-export-differential = EPANET has no differential-pressure controller; it became a throttle, fully open
inp-export-pump = the pump has neither curve nor power and was left out
inp-export-friction = the file says Darcy–Weisbach, which EPANET computes by Swamee and Jain
inp-export-roughness = pipes without coefficient for the head-loss formula: { $count }; { $value } was written
inp-export-water = water became a liquid of constant density { $density } kg/m³ and viscosity { $viscosity } m²/s (at { $temperature } °C)
inp-export-lost = EPANET has no place for: { $list }
inp-export-leaks = its holes were left out; the pipe is whole in the file
inp-export-pump-control = EPANET has no pump that holds a flow or a pressure; it runs at its greatest speed in the file
inp-export-station = the pump and the mixing of the station were left out
inp-export-exchanger = the zone it heats and the zone it is heated by are separate networks in the file
inp-export-refused = the link was left out: { $reason }

# Maps (GeoJSON): errors
gis-not-a-collection = the file is JSON, but no GeoJSON feature collection
    .help = export the layer as GeoJSON (RFC 7946)
gis-not-on-earth = the coordinates are no longitudes and latitudes of { $system }
    .help = name the coordinate system of the map, or export it in WGS 84
gis-no-pipes = the map has no line that could be a pipe
    .help = import the layer with the pipes; points and outlines alone are no network

# Maps (GeoJSON): findings
gis-note-not-a-feature = { $feature }this is no GeoJSON feature; it was left out
gis-note-bad-feature = { $feature }this is no GeoJSON feature ({ $reason }); it was left out
gis-note-no-geometry = { $feature }it has no geometry and was left out
gis-note-bad-geometry = { $feature }its coordinates are incomplete or no numbers; it was left out
gis-note-bad-table = { $feature }the table cannot be read: { $reason }
gis-note-joined = { $feature }attribute table joined by id: { $rows } rows found their feature, { $unmatched } did not
gis-note-contradiction = { $feature }{ $table } says { $column } = { $value }, the map says otherwise; the map was believed
gis-note-projected = the coordinates cannot be degrees; they were taken as metres
gis-note-abandoned = { $feature }it is abandoned or only planned and was left out
gis-note-role = { $feature }nothing says what this point is; it was taken for a { $role }
gis-note-no-side = { $feature }it does not say supply or return; it was taken for supply
gis-note-divided = { $feature }divided into { $pieces } pipes where others touch it
gis-note-vanished = { $feature }shorter than the tolerance; its two ends became one node
gis-note-duplicate = { $feature }drawn twice, the other time as { $kept }; it was left out
gis-note-snapped = { $feature }ends that missed each other by { $gap } m were joined: { $list }
gis-note-reached = { $feature }it stands { $distance } m beside the pipes and was joined to the nearest node
gis-note-lost = { $feature }no pipe lies within { $reach } m; it was left out
gis-note-no-pipes-near = { $feature }no supply and return pipe end within { $reach } m; it was left out
gis-note-length = { $feature }its column says { $given } m, the map { $drawn } m; the column was believed
gis-note-no-diameter = { $feature }it has no diameter; { $size } was taken from its neighbours
gis-note-bad-diameter = { $feature }its diameter "{ $got }" cannot be read; { $size } was taken from its neighbours
gis-note-no-elevations = the map has no elevations; all { $all } nodes were put at 0 m
gis-note-elevations = { $count } of { $all } nodes have no elevation; they took that of their neighbours
gis-note-valve-kind = { $feature }nothing says which kind of valve it is; it was taken for a sectioning valve
gis-note-valve-branch = { $feature }it stands where several pipes meet; it was put into { $pipe }
gis-note-valve-end = { $feature }it stands at the end of a pipe with nothing behind it
gis-note-direction = { $feature }which way it works follows from the nearest source
gis-note-pump-curve = { $feature }flow and head of the pump are not given; 100 m³/h and 20 m were taken
gis-note-heat-unit = { $feature }its heat load has no unit; it was taken as { $heat } kW
gis-note-heat-of-area = { $feature }its heat load was computed from { $area } m² with { $index } W/m²
gis-note-no-heat = { $feature }it has neither heat load nor area; 1 MW was taken
gis-note-source-pressure = { $feature }its return pressure or pressure rise is not given; 0.4 MPa was taken
gis-note-mirrored = the map has one line for both pipes; the return was added beside it (ids end in -R)
gis-note-one-valve = { $feature }it regulates in the supply; the return got an open shut-off valve
gis-note-pump-supply = { $feature }the pump was put into the supply
gis-note-no-source = the map has no source; nothing gives the pressure yet
gis-note-single = { $feature }in a network of single pipes it became a pressure or a demand of its node
gis-note-more = … and { $count } more of this kind
