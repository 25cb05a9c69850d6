/**
 * The command line, {@code layercache COMMAND}. {@link dev.layercache.cli.Main} finds the commands;
 * each is a small class that talks to a server through the client library, or comes from another
 * jar as a {@link dev.layercache.cli.CliCommand}.
 */
package dev.layercache.cli;
