/** A day of a build fleet: who pulls and pushes which images, and how many bytes that moves. */
package dev.layercache.load.fleet;
