"""The crash matrix: approved plans of World tools, killed at every dangerous place, recovered, and judged."""
