/**
 * What a server is told before it starts: one immutable {@link
 * dev.layercache.server.config.ServerConfig}, read from a YAML file, the environment and the
 * command line.
 */
package dev.layercache.server.config;
