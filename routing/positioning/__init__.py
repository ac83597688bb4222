"""Where craft and groups should stand before anything happens: MCLP, p-median and MEXCLP over several outlooks."""
