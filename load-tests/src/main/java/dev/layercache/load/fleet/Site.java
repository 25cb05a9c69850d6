package dev.layercache.load.fleet;

import java.net.InetSocketAddress;

/**
 * Where the machines of a fleet turn to.
 *
 * @param pulls pulls go there
 * @param pushes pushes go there
 * @param layersStay whether a machine keeps layers from one build to the next; otherwise each build
 *     begins on a clean one
 */
public record Site(InetSocketAddress pulls, InetSocketAddress pushes, boolean layersStay) {}
