package dev.layercache.load.fleet;

import java.util.Optional;

/**
 * One build: the agent pulls the application's newest image (to test against, or for its cache),
 * builds the next one and pushes it.
 *
 * @param agent from 0
 * @param newest empty when the application was never built
 * @param built what is pushed
 */
public record Job(int agent, Optional<Image> newest, Image built) {}
