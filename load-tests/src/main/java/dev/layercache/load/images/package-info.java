/** Images as people build them, and the clients with which people move them. */
package dev.layercache.load.images;
