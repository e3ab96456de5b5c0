"""Problems around problems: averaged, noisy, raised."""
