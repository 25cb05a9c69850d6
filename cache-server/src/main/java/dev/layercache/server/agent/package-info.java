/**
 * The agent: a server on a build machine in front of a shared one, its parent. What is not stored
 * here is filled from the parent; what is pushed here goes through to it.
 */
package dev.layercache.server.agent;
