/**
 * The server as a program: {@link dev.layercache.server.app.LayercacheServer} puts the parts
 * together, {@link dev.layercache.server.app.ServeCommand} runs it from the command line.
 */
package dev.layercache.server.app;
