package dev.layercache.client;

/**
 * A repository of the server.
 *
 * @param name as in {@code library/debian}
 * @param tags how many it has
 */
public record RepositoryInfo(String name, long tags) {}
