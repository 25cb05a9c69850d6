package dev.layercache.load.fleet;

import java.net.InetSocketAddress;

/**
 * Where the machines of a fleet turn to.
 *
 * @param pulls pulls go there
 * @param basePrefix what stands before the repository of a base image there
 * @param pushes pushes go there
 * @param layersStay whether a machine keeps layers from one build to the next; otherwise each build
 *     begins on a clean one
 */
public record Site(
    InetSocketAddress pulls, String basePrefix, InetSocketAddress pushes, boolean layersStay) {}
