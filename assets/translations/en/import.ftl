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
inp-export-refused = the link was left out: { $reason }
