package dev.layercache.load.fleet;

import java.util.Optional;

/**
 * One build: the machine pulls the application's newest image (to test against, or for its cache)
 * and the base, builds the next image and pushes it.
 *
 * @param machine from 0
 * @param newest empty when the application was never built
 * @param built what is pushed
 */
public record Job(int machine, Optional<Image> newest, Image built) {}
