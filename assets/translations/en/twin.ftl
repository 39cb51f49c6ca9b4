# The 3D picture: what stands in it, and why there may be none.
twin-untitled = Untitled network
twin-facts = { $pipes } pipes · { $consumers } substations · { $sources } { $sources ->
        [one] source
       *[other] sources
    }
twin-heat = Heat supplied { $heat }
twin-unsolved = Not solved: colours of results are missing
twin-opening = Opening { $opening }
twin-legend-pressure = Pressure (gauge)
twin-legend-available-head = Available head
twin-legend-temperature = Water temperature
twin-legend-velocity = Flow velocity
twin-legend-specific-loss = Specific friction loss
twin-legend-flow = Mass flow
twin-legend-diameter = Inner diameter
twin-legend-side = Supply and return
twin-legend-supply = Supply
twin-legend-return = Return
twin-legend-source = Heat source
twin-legend-consumer = Substation
twin-legend-valve-open = Valve, open
twin-legend-valve-shut = Valve, shut
twin-no-display = There is no display to open a window on. For a picture without one, run: hypocaust render FILE --output picture.png
twin-display-unreachable = The display { $display } does not answer. Check DISPLAY, or for a picture without a display, run: hypocaust render FILE --output picture.png
twin-no-adapter = No graphics adapter was found, not even a software one. Install your graphics driver, or Mesa's software Vulkan: on Debian and Ubuntu the package mesa-vulkan-drivers.
twin-unknown-view = There is no view or element '{ $view }'. Views are overview, top, source and worst; any other word is the id of an element (worst needs a solved network).
twin-bad-size = A picture of { $width } × { $height } pixels cannot be drawn; each side must be between 64 and { $limit }.
twin-not-written = The picture could not be written to { $path }: { $reason }
twin-nothing-drawn = The graphics adapter drew nothing. Please report this with the output of vulkaninfo --summary.
twin-broken = The renderer broke down: { $reason }
