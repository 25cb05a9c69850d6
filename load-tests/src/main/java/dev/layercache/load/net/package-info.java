/** What stands between clients and servers: wires whose bytes are counted and that may be slow. */
package dev.layercache.load.net;
